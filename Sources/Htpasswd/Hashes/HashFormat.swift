/// The kinds of password hash that an htpasswd file may hold.
public enum HashFormat: UInt8, Sendable, Hashable, CaseIterable {
    /// `$2a$`, `$2b$`, `$2x$`, `$2y$`: bcrypt. Holds a secret of at most 72 bytes.
    case bcrypt
    /// `$apr1$`: Apache's variant of MD5-crypt.
    case apr1
    /// `{SHA}`: unsalted SHA-1, in base64.
    case sha1
    /// `{SSHA}`: salted SHA-1, in base64.
    case saltedSHA1
    /// `{PLAIN}`, or text without any mark: only where a switch allows it.
    case plainText
    /// `$argon2id$`, `$argon2i$`, `$argon2d$`.
    case argon2
    /// `$y$`: yescrypt.
    case yescrypt
    /// `$gy$`: yescrypt under GOST R 34.11-2012.
    case gostYescrypt
    /// `$7$`: scrypt.
    case scrypt
    /// `$6$`: SHA-512-crypt.
    case sha512Crypt
    /// `$5$`: SHA-256-crypt.
    case sha256Crypt
    /// `$1$`: MD5-crypt.
    case md5Crypt
    /// `$sha1$`: NetBSD's iterated HMAC-SHA-1.
    case sha1Crypt
    /// `$md5$`, `$md5,rounds=…$`: Sun's MD5.
    case sunMD5
    /// `$3$`: the NT hash, unsalted MD4.
    case ntHash
    /// `_`: BSDi's extended DES.
    case extendedDES
    /// Thirteen characters: traditional DES. Looks at eight characters of a secret.
    case des

    /// The longest secret that its algorithm, or the system's libcrypt, takes in, in bytes.
    var maximumSecretLength: Int {
        switch self {
        case .bcrypt: PasswordHash.bcryptLimit
        case .plainText, .argon2, .sha1, .saltedSHA1, .apr1: .max
        default: LibCrypt.maximumSecretLength
        }
    }
}
