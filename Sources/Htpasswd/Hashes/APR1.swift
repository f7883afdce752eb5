import Credentials
import Crypto

/// `$apr1$salt$digest`: MD5-crypt with Apache's own magic string (apr_md5_encode of apr-util). libcrypt does not have it.
enum APR1 {
    private static let magic = Array("$apr1$".utf8)
    private static let alphabet = Array("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    static func verify(_ secret: Secret, hash: [UInt8]) -> Bool {
        let rest = hash.dropFirst(magic.count)
        guard let dollar = rest.lastIndex(of: UInt8(ascii: "$")) else { return false }
        // apr_md5_encode takes eight characters of salt, and ends them at a '$'.
        let salt = Array(rest[..<dollar].prefix(8).prefix { $0 != UInt8(ascii: "$") })
        return constantTimeEqual(magic + salt + [UInt8(ascii: "$")] + digest(secret.bytes, salt: salt), hash)
    }

    /// The 22 characters of the digest.
    static func digest(_ password: [UInt8], salt: [UInt8]) -> [UInt8] {
        var state = startState(password, salt: salt)
        for round in 0..<1000 {
            var md5 = Insecure.MD5()
            md5.update(data: round & 1 != 0 ? password : state)
            if round % 3 != 0 { md5.update(data: salt) }
            if round % 7 != 0 { md5.update(data: password) }
            md5.update(data: round & 1 != 0 ? state : password)
            state = Array(md5.finalize())
        }
        return encode(state)
    }

    private static func startState(_ password: [UInt8], salt: [UInt8]) -> [UInt8] {
        let alternate = Array(Insecure.MD5.hash(data: password + salt + password))
        var md5 = Insecure.MD5()
        md5.update(data: password + magic + salt)
        var left = password.count
        while left > 0 {
            md5.update(data: alternate.prefix(left))
            left -= 16
        }
        // The original's oddity: a NUL, or the password's first byte, for each bit of the length.
        var bits = password.count
        while bits != 0 {
            md5.update(data: bits & 1 != 0 ? [0] : [password[0]])
            bits >>= 1
        }
        return Array(md5.finalize())
    }

    private static func encode(_ state: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        for (a, b, c) in [(0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5)] {
            append(UInt32(state[a]) << 16 | UInt32(state[b]) << 8 | UInt32(state[c]), count: 4, to: &text)
        }
        append(UInt32(state[11]), count: 2, to: &text)
        return text
    }

    private static func append(_ value: UInt32, count: Int, to text: inout [UInt8]) {
        var value = value
        for _ in 0..<count {
            text.append(alphabet[Int(value & 0x3F)])
            value >>= 6
        }
    }
}
