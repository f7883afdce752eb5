public import Credentials

extension PasswordHash {
    /// Why a secret can't be hashed.
    public enum MakeError: Error, Sendable, Hashable, CustomStringConvertible {
        /// bcrypt holds at most 72 bytes, and what is longer must not be cut silently.
        case tooLongForBcrypt
        /// The secret is empty or has a NUL.
        case forbidden
        /// libcrypt refused.
        case unsupported

        /// What to do about it.
        public var description: String {
            switch self {
            case .tooLongForBcrypt: "bcrypt holds at most 72 bytes: choose a shorter password, or another method"
            case .forbidden: "a password must not be empty, nor contain a NUL byte"
            case .unsupported: "the system's libcrypt does not know this method"
            }
        }
    }

    /// Hashes a secret with a new salt. Burns a CPU for as long as the method's cost says: call it on a lane.
    /// - Parameters:
    ///   - secret: the password.
    ///   - method: how.
    /// - Throws: ``MakeError``.
    public init(of secret: Secret, method: HashMethod = .standard) throws(MakeError) {
        guard !secret.bytes.isEmpty, !secret.bytes.contains(0) else { throw .forbidden }
        if case .bcrypt = method, secret.bytes.count > Self.bcryptLimit { throw .tooLongForBcrypt }
        let (prefix, count) = method.setting
        guard let setting = LibCrypt.newSetting(prefix: prefix, count: count),
            let bytes = LibCrypt.hash(secret.bytes, setting: setting)
        else { throw .unsupported }
        do {
            try self.init(bytes)
        } catch {
            throw .unsupported
        }
    }

    /// Why the hash is weak, in words for an operator; nil if it is not.
    public var weakness: String? {
        switch format {
        case .des, .extendedDES: "DES is broken in hours, and looks at few characters"
        case .plainText: "the password stands in the clear"
        case .sha1, .saltedSHA1: "SHA-1 is computed billions of times a second"
        case .apr1, .md5Crypt, .sha1Crypt, .sunMD5, .ntHash: "a hash this fast is guessed in bulk"
        case .bcrypt: bcryptCost.flatMap { $0 < 10 ? "bcrypt's cost \($0) is under 10" : nil }
        default: nil
        }
    }
}
