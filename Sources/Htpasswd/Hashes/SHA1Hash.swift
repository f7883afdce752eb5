import Credentials
import Crypto
import Foundation

/// `{SHA}` and `{SSHA}`: SHA-1 in base64, the latter of password and salt, with the salt behind the digest. Schemes of
/// LDAP's userPassword (RFC 2307), as Apache's `htpasswd -s` and nginx know them.
enum SHA1Hash {
    private static let digestLength = 20

    /// The digest and the salt of a field; nil if it is none.
    static func parts(of field: ArraySlice<UInt8>) -> (digest: Data, salt: Data)? {
        let isSalted = field.starts(with: "{SSHA}".utf8)
        guard isSalted || field.starts(with: "{SHA}".utf8),
            let bytes = Data(base64Encoded: Data(field.dropFirst(isSalted ? 6 : 5))),
            isSalted ? bytes.count > digestLength : bytes.count == digestLength
        else { return nil }
        return (bytes.prefix(digestLength), bytes.dropFirst(digestLength))
    }

    static func verify(_ secret: Secret, hash: [UInt8]) -> Bool {
        guard let (digest, salt) = parts(of: hash[...]) else { return false }
        return constantTimeEqual(Array(Insecure.SHA1.hash(data: secret.bytes + salt)), digest)
    }
}
