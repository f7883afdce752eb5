public import Credentials

extension PasswordHash {
    /// What a comparison of a secret with a hash came to.
    public enum Check: Sendable, Hashable {
        /// The secret is the one that was hashed.
        case match
        /// It is another one.
        case mismatch
        /// It is longer than the algorithm can hold. The hash was computed all the same, for equal time.
        case tooLong
        /// The system's libcrypt refuses this hash.
        case unusable
    }

    /// bcrypt looks at no byte after this many.
    static let bcryptLimit = 72

    /// Compares a secret with the hash. Burns a CPU for as long as the hash's cost says: call it on a lane.
    /// - Parameters:
    ///   - secret: the secret, without a NUL byte.
    ///   - allowTruncation: take the first 72 bytes of a secret that is too long for bcrypt, as Apache does.
    ///   - limits: what it may cost. A secret with which SHA-crypt would take longer is too long.
    /// - Returns: the result; digests are compared in constant time.
    public func verify(_ secret: Secret, allowTruncation: Bool = false, limits: HashLimits = .init()) -> Check {
        switch format {
        case .plainText:
            let text = bytes.starts(with: "{PLAIN}".utf8) ? bytes.dropFirst(7) : bytes[...]
            return secret.isEqualInConstantTime(to: text) ? .match : .mismatch
        case .argon2:
            return Argon2.verify(secret, hash: bytes)
        case .sha1, .saltedSHA1:
            return SHA1Hash.verify(secret, hash: bytes) ? .match : .mismatch
        case .apr1:
            return APR1.verify(secret, hash: bytes) ? .match : .mismatch
        default:
            let longest = min(format.maximumSecretLength, limits.maximumSecretLength(of: format, cost))
            guard secret.bytes.count > longest else { return LibCrypt.verify(secret.bytes, hash: bytes) }
            let check = LibCrypt.verify(Array(secret.bytes.prefix(longest)), hash: bytes)
            return allowTruncation && format == .bcrypt ? check : .tooLong
        }
    }
}
