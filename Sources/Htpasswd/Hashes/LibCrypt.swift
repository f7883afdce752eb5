import CCrypt
import Credentials
import Foundation

/// The system's libcrypt, crypt_ra(3). No pointer leaves this file.
enum LibCrypt {
    /// The longest phrase that crypt(3) hashes (CRYPT_MAX_PASSPHRASE_SIZE, its NUL left out), in bytes.
    static let maximumSecretLength = Int(CRYPT_MAX_PASSPHRASE_SIZE) - 1

    /// Hashes a secret as `hash` was made and compares in constant time.
    static func verify(_ secret: [UInt8], hash: [UInt8]) -> PasswordHash.Check {
        guard let computed = self.hash(secret, setting: hash) else { return .unusable }
        return constantTimeEqual(computed, hash) ? .match : .mismatch
    }

    /// A new setting, with a salt from the system's generator: crypt_gensalt_ra(3).
    static func newSetting(prefix: String, count: UInt) -> [UInt8]? {
        guard let setting = crypt_gensalt_ra(prefix, count, nil, 0) else { return nil }
        defer { free(setting) }
        return Array(String(cString: setting).utf8)
    }

    /// Hashes a secret; nil if libcrypt refuses the setting.
    static func hash(_ secret: [UInt8], setting: [UInt8]) -> [UInt8]? {
        var phrase = cString(secret)
        defer { phrase.withUnsafeMutableBytes { memset_explicit($0.baseAddress, $0.count) } }
        var data: UnsafeMutableRawPointer?
        var size: Int32 = 0
        defer { release(data, size) }
        guard let result = crypt_ra(phrase, cString(setting), &data, &size) else { return nil }
        return UnsafeBufferPointer(start: result, count: strlen(result)).map { UInt8(bitPattern: $0) }
    }

    /// Whether libcrypt knows the method of this setting and finds it well-formed: crypt_checksalt(3).
    static func accepts(setting: [UInt8]) -> Bool {
        // The last field is a digest, which crypt_checksalt does not look at.
        let answer = crypt_checksalt(cString(setting))
        return answer == CRYPT_SALT_OK || answer == CRYPT_SALT_METHOD_LEGACY || answer == CRYPT_SALT_TOO_CHEAP
    }

    private static func cString(_ bytes: [UInt8]) -> [CChar] {
        bytes.map { CChar(bitPattern: $0) } + [0]
    }

    /// The scratch space of crypt_ra has intermediate values of the secret: wiped before it is given back.
    private static func release(_ data: UnsafeMutableRawPointer?, _ size: Int32) {
        guard let data else { return }
        memset_explicit(data, Int(size))
        free(data)
    }
}

/// A memset that the optimizer may not remove.
@inline(never)
private func memset_explicit(_ pointer: UnsafeMutableRawPointer?, _ count: Int) {
    guard let pointer else { return }
    explicit_bzero(pointer, count)
}
