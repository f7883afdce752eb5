/// How new hashes are made: with the system's libcrypt, and salts of its own making.
public enum HashMethod: Sendable, Hashable {
    /// bcrypt with a cost of 4 to 31; each step doubles the time. Holds at most 72 bytes. Every web server knows it.
    case bcrypt(cost: Int)
    /// yescrypt with libcrypt's usual cost: hard on machines with many cores. Known to what uses a recent libcrypt.
    case yescrypt
    /// SHA-512-crypt with 656,000 rounds. Known to what uses crypt(3).
    case sha512Crypt

    /// What is used if nobody says otherwise: bcrypt with cost 12.
    public static let standard = HashMethod.bcrypt(cost: 12)

    /// crypt_gensalt's prefix and count.
    var setting: (prefix: String, count: UInt) {
        switch self {
        case .bcrypt(let cost): ("$2y$", UInt(max(4, min(31, cost))))
        case .yescrypt: ("$y$", 0)
        case .sha512Crypt: ("$6$", 656_000)
        }
    }
}
