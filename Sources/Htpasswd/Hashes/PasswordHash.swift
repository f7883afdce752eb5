/// A hash of an htpasswd file whose form has been checked: it can be verified.
public struct PasswordHash: Sendable, Hashable {
    /// Its kind.
    public let format: HashFormat
    /// The cost that it names: bcrypt's exponent, 4 to 31; nil where the format has none that we read.
    public let cost: Int?
    /// The hash as it stands in the file.
    let bytes: [UInt8]

    /// Why a hash can't be used.
    public enum Defect: Error, Sendable, Hashable {
        /// No format begins or looks like this. Plain text lands here: it is never accepted.
        case unknownFormat
        /// The format is known, and this is not one: cut short, or a wrong character. The text says what.
        case malformed(String)
    }

    /// Reads a hash.
    /// - Parameters:
    ///   - bytes: the field of the file, without white space around it.
    ///   - allowPlainText: take `{PLAIN}`, and text that is marked as nothing else, for a password in the clear.
    /// - Throws: ``Defect``.
    public init(_ bytes: [UInt8], allowPlainText: Bool = false) throws(Defect) {
        let (format, cost) = try Self.classify(bytes[...], allowPlainText: allowPlainText)
        self.format = format
        self.cost = cost
        self.bytes = bytes
    }

    /// Tells the kind of a hash by its form, without hashing anything.
    /// - Parameters:
    ///   - field: the field of the file.
    ///   - allowPlainText: whether a password may stand there in the clear.
    /// - Returns: the format, and the cost if it names one that we read.
    /// - Throws: ``Defect``.
    static func classify(
        _ field: ArraySlice<UInt8>, allowPlainText: Bool = false
    ) throws(Defect) -> (HashFormat, Int?) {
        guard let first = field.first else { throw .malformed("empty") }
        switch first {
        case UInt8(ascii: "$"):
            return try classifyModular(field)
        case UInt8(ascii: "{"):
            return (try classifyScheme(field, allowPlainText: allowPlainText), nil)
        case UInt8(ascii: "_") where field.count == 20 && isCryptAlphabet(field.dropFirst()):
            return (.extendedDES, nil)
        default:
            if field.count == 13, isCryptAlphabet(field) { return (.des, nil) }
            // A password in the clear can't begin so: these marks lock an account.
            guard allowPlainText, first != UInt8(ascii: "!"), first != UInt8(ascii: "*") else { throw .unknownFormat }
            return (.plainText, nil)
        }
    }

    private static func classifyScheme(
        _ field: ArraySlice<UInt8>, allowPlainText: Bool
    ) throws(Defect) -> HashFormat {
        if field.starts(with: "{SHA}".utf8) || field.starts(with: "{SSHA}".utf8) {
            guard SHA1Hash.parts(of: field) != nil else {
                throw .malformed("the base64 behind it is not a SHA-1 digest, with a salt if it is {SSHA}")
            }
            return field.starts(with: "{SHA}".utf8) ? .sha1 : .saltedSHA1
        }
        guard allowPlainText, field.starts(with: "{PLAIN}".utf8) else { throw .unknownFormat }
        return .plainText
    }

    private static func classifyModular(_ field: ArraySlice<UInt8>) throws(Defect) -> (HashFormat, Int?) {
        let second = field.index(field.startIndex, offsetBy: 1)
        guard let end = field[second...].firstIndex(of: UInt8(ascii: "$")) else {
            throw .malformed("no second '$'")
        }
        let rest = field[(end + 1)...]
        switch String(decoding: field[second..<end], as: UTF8.self) {
        case "2a", "2b", "2x", "2y": return (.bcrypt, try bcryptCost(field))
        case "argon2id", "argon2i", "argon2d":
            if let defect = Argon2.defect(Array(field)) { throw defect }
            return (.argon2, nil)
        case "apr1": return (.apr1, try requireDigest(rest, length: 22))
        case "1": return (.md5Crypt, try requireDigest(rest, length: 22))
        case "5": return (.sha256Crypt, try requireDigest(rest, length: 43))
        case "6": return (.sha512Crypt, try requireDigest(rest, length: 86))
        case "7": return (.scrypt, try requireDigest(rest, length: 43))
        case "y": return (.yescrypt, try requireDigest(rest, length: 43))
        case "gy": return (.gostYescrypt, try requireDigest(rest, length: 43))
        default:
            guard LibCrypt.accepts(setting: Array(field)) else { throw .unknownFormat }
            return (.otherCrypt, nil)
        }
    }

    private static func bcryptCost(_ field: ArraySlice<UInt8>) throws(Defect) -> Int {
        guard field.count == 60 else { throw .malformed("bcrypt has 60 characters, this has \(field.count)") }
        let characters = Array(field)
        guard characters[6] == UInt8(ascii: "$"),
            let cost = Int(String(decoding: characters[4..<6], as: UTF8.self)), (4...31).contains(cost)
        else { throw .malformed("bcrypt's cost is two digits, 04 to 31") }
        guard isCryptAlphabet(characters[7...]) else { throw .malformed("a character that bcrypt does not use") }
        return cost
    }

    /// Checks that the last `$` field is a digest of the right length; a shorter one is a hash cut short.
    private static func requireDigest(_ rest: ArraySlice<UInt8>, length: Int) throws(Defect) -> Int? {
        guard let dollar = rest.lastIndex(of: UInt8(ascii: "$")) else { throw .malformed("no digest") }
        let digest = rest[(dollar + 1)...]
        guard digest.count == length, isCryptAlphabet(digest) else {
            throw .malformed("the digest has \(length) characters, this has \(digest.count)")
        }
        return nil
    }

    private static func isCryptAlphabet(_ text: ArraySlice<UInt8>) -> Bool {
        // './0-9A-Za-z': '.', '/' and '0'…'9' follow each other in ASCII.
        text.allSatisfy { (0x2E...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
    }
}

extension PasswordHash: CustomStringConvertible {
    /// The format alone: a hash is not for logs.
    public var description: String { cost.map { "\(format) cost \($0)" } ?? "\(format)" }
}
