/// A hash of an htpasswd file whose form has been checked: it can be verified.
public struct PasswordHash: Sendable, Hashable {
    /// Its kind.
    public let format: HashFormat
    /// What verifying it costs.
    public let cost: HashCost
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
        format = try Self.classify(bytes[...], allowPlainText: allowPlainText)
        cost = try Self.cost(of: format, bytes[...])
        self.bytes = bytes
    }

    /// Tells the kind of a hash by its form, without hashing anything.
    /// - Parameters:
    ///   - field: the field of the file.
    ///   - allowPlainText: whether a password may stand there in the clear.
    /// - Throws: ``Defect``.
    static func classify(
        _ field: ArraySlice<UInt8>, allowPlainText: Bool = false
    ) throws(Defect) -> HashFormat {
        guard let first = field.first else { throw .malformed("empty") }
        switch first {
        case UInt8(ascii: "$"): return try classifyModular(field)
        case UInt8(ascii: "{"): return try classifyScheme(field, allowPlainText: allowPlainText)
        case UInt8(ascii: "_") where field.count == 20 && CryptAlphabet.isAll(field.dropFirst()): return .extendedDES
        default:
            if field.count == 13, CryptAlphabet.isAll(field) { return .des }
            // A password in the clear can't begin so: these marks lock an account.
            guard allowPlainText, first != UInt8(ascii: "!"), first != UInt8(ascii: "*") else { throw .unknownFormat }
            return .plainText
        }
    }

    /// Reads what verifying a hash costs from its parameters.
    /// - Parameters:
    ///   - format: its kind.
    ///   - field: the field of the file.
    /// - Throws: ``Defect`` if the parameters can't be read: a hash whose cost nobody knows is not verified.
    static func cost(of format: HashFormat, _ field: ArraySlice<UInt8>) throws(Defect) -> HashCost {
        switch format {
        case .plainText, .sha1, .saltedSHA1, .apr1, .md5Crypt, .des, .ntHash: return .fixed
        case .bcrypt: return .bcrypt(try bcryptCost(field))
        case .argon2: return try Argon2.cost(of: field)
        case .extendedDES: return .extendedDES(field)
        case .sha256Crypt, .sha512Crypt: return try .shaCrypt(parts(of: field).rest)
        case .scrypt: return .scrypt(try ScryptParameters(scrypt: parts(of: field).rest))
        case .yescrypt, .gostYescrypt: return .scrypt(try ScryptParameters(yescrypt: parts(of: field).rest))
        case .sha1Crypt: return try .sha1Crypt(parts(of: field).rest)
        case .sunMD5: return try .sunMD5(parts(of: field).mark)
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

    /// What stands between the first two dollar signs, and what follows.
    private static func parts(
        of field: ArraySlice<UInt8>
    ) throws(Defect) -> (mark: ArraySlice<UInt8>, rest: ArraySlice<UInt8>) {
        let second = field.index(field.startIndex, offsetBy: 1)
        guard second <= field.endIndex, let end = field[second...].firstIndex(of: UInt8(ascii: "$")) else {
            throw .malformed("no second '$'")
        }
        return (field[second..<end], field[(end + 1)...])
    }

    private static func classifyModular(_ field: ArraySlice<UInt8>) throws(Defect) -> HashFormat {
        let (mark, rest) = try parts(of: field)
        switch String(decoding: mark, as: UTF8.self) {
        case "2a", "2b", "2x", "2y": return .bcrypt
        case "argon2id", "argon2i", "argon2d": return .argon2
        case "apr1": return try require(.apr1, rest, digest: 22)
        case "1": return try require(.md5Crypt, rest, digest: 22)
        case "5": return try require(.sha256Crypt, rest, digest: 43)
        case "6": return try require(.sha512Crypt, rest, digest: 86)
        case "7": return try require(.scrypt, rest, digest: 43)
        case "y": return try require(.yescrypt, rest, digest: 43)
        case "gy": return try require(.gostYescrypt, rest, digest: 43)
        case "sha1": return try accepted(.sha1Crypt, field)
        case "3": return try accepted(.ntHash, field)
        case let name where name == "md5" || name.hasPrefix("md5,"): return try accepted(.sunMD5, field)
        default: throw .unknownFormat
        }
    }

    /// A format that libcrypt may have been built without.
    private static func accepted(_ format: HashFormat, _ field: ArraySlice<UInt8>) throws(Defect) -> HashFormat {
        guard LibCrypt.accepts(setting: Array(field)) else { throw .unknownFormat }
        return format
    }

    private static func bcryptCost(_ field: ArraySlice<UInt8>) throws(Defect) -> Int {
        guard field.count == 60 else { throw .malformed("bcrypt has 60 characters, this has \(field.count)") }
        let characters = Array(field)
        guard characters[6] == UInt8(ascii: "$"),
            let cost = Int(String(decoding: characters[4..<6], as: UTF8.self)), (4...31).contains(cost)
        else { throw .malformed("bcrypt's cost is two digits, 04 to 31") }
        guard CryptAlphabet.isAll(characters[7...]) else { throw .malformed("a character that bcrypt does not use") }
        return cost
    }

    /// Checks that the last `$` field is a digest of the right length; a shorter one is a hash cut short.
    private static func require(
        _ format: HashFormat, _ rest: ArraySlice<UInt8>, digest length: Int
    ) throws(Defect) -> HashFormat {
        guard let dollar = rest.lastIndex(of: UInt8(ascii: "$")) else { throw .malformed("no digest") }
        let digest = rest[(dollar + 1)...]
        guard digest.count == length, CryptAlphabet.isAll(digest) else {
            throw .malformed("the digest has \(length) characters, this has \(digest.count)")
        }
        return format
    }

    /// bcrypt's exponent, 4 to 31; nil for other formats.
    public var bcryptCost: Int? { format == .bcrypt ? cost.steps.trailingZeroBitCount : nil }
}

extension PasswordHash: CustomStringConvertible {
    /// The format alone: a hash is not for logs.
    public var description: String { bcryptCost.map { "\(format) cost \($0)" } ?? "\(format)" }
}
