import Credentials
import Crypto
import Foundation

/// `{SHA}` and 28 characters of base64: the unsalted SHA-1 of LDAP's userPassword scheme, as Apache's `htpasswd -s` writes it.
enum SHA1Hash {
    /// The digest that follows `{SHA}`.
    static func digest(in base64: ArraySlice<UInt8>) -> Data? {
        guard base64.count == 28, let digest = Data(base64Encoded: Data(base64)), digest.count == 20 else { return nil }
        return digest
    }

    static func verify(_ secret: Secret, hash: [UInt8]) -> Bool {
        guard let expected = digest(in: hash.dropFirst(5)) else { return false }
        return constantTimeEqual(Array(Insecure.SHA1.hash(data: secret.bytes)), expected)
    }
}
