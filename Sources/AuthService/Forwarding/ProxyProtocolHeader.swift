public import Credentials

/// What a proxy says of a connection before its first byte: from where the client comes.
///
/// Both versions of HAProxy's PROXY protocol (`proxy-protocol.txt`, of 2020). It must be read only from proxies that are trusted: nothing in it
/// shows who wrote it.
public struct ProxyProtocolHeader: Sendable, Equatable {
    /// The client's address; nil where the proxy speaks for itself, such as to see whether this server is well, or does not know.
    public let client: IPAddress?
    /// How many bytes it has; what follows is the client's.
    public let length: Int

    /// How many bytes of version 2 may follow its first 16: addresses, and what proxies add to them.
    public static let maximumRest = 2048

    private static let signature: [UInt8] = [
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
    ]

    /// Reads the header that a connection begins with.
    /// - Parameter bytes: all that has come.
    /// - Returns: nil if more must come.
    /// - Throws: ``ProxyProtocolProblem`` if this is none.
    public init?(_ bytes: some Collection<UInt8>) throws(ProxyProtocolProblem) {
        let bytes = Array(bytes.prefix(16 + Self.maximumRest))
        if bytes.starts(with: Self.signature.prefix(bytes.count)) {
            guard bytes.count >= 16 else { return nil }
            try self.init(version2: bytes)
        } else {
            try self.init(version1: bytes)
        }
    }

    /// Version 1: a line of text (2.1).
    private init?(version1 bytes: [UInt8]) throws(ProxyProtocolProblem) {
        let prefix = Array("PROXY ".utf8)
        guard bytes.prefix(prefix.count).elementsEqual(prefix.prefix(bytes.count)) else {
            throw ProxyProtocolProblem("it does not begin with a header of the PROXY protocol")
        }
        // The longest line, with its end, has 107 bytes.
        guard let end = bytes.prefix(107).firstIndex(of: 0x0A) else {
            guard bytes.count < 107 else { throw ProxyProtocolProblem("its line is longer than 107 bytes") }
            return nil
        }
        guard bytes[end - 1] == 0x0D, bytes[..<end].allSatisfy({ $0 < 0x80 }) else {
            throw ProxyProtocolProblem("its line does not end with CR and LF, or is no ASCII")
        }
        let words = String(decoding: bytes[..<(end - 1)], as: UTF8.self)
            .split(separator: " ", omittingEmptySubsequences: false)
        length = end + 1
        switch words.dropFirst().first {
        case "UNKNOWN": client = nil
        case "TCP4", "TCP6":
            guard words.count == 6, let source = Self.address(words[2], words[1]),
                Self.address(words[3], words[1]) != nil, Self.isPort(words[4]), Self.isPort(words[5])
            else { throw ProxyProtocolProblem("its line has not two addresses and two ports") }
            client = source
        default: throw ProxyProtocolProblem("it is for neither TCP4, TCP6 nor UNKNOWN")
        }
    }

    /// Version 2: binary (2.2).
    private init?(version2 bytes: [UInt8]) throws(ProxyProtocolProblem) {
        let (version, family) = (bytes[12], bytes[13])
        guard version == 0x20 || version == 0x21 else {
            throw ProxyProtocolProblem("its version and command are 0x\(String(version, radix: 16))")
        }
        let rest = Int(bytes[14]) << 8 | Int(bytes[15])
        guard rest <= Self.maximumRest else {
            throw ProxyProtocolProblem("it is longer than \(Self.maximumRest + 16) bytes")
        }
        guard bytes.count >= 16 + rest else { return nil }
        length = 16 + rest
        // 0 is LOCAL: what the addresses say does not count.
        guard version == 0x21 else {
            client = nil
            return
        }
        let size =
            switch family {
            case 0x11: 4
            case 0x21: 16
            // Unspecified, and Unix sockets at the proxy's.
            case 0x00, 0x31: 0
            default: throw ProxyProtocolProblem("it is for no stream: 0x\(String(family, radix: 16))")
            }
        guard rest >= 2 * size + (size > 0 ? 4 : 0) else {
            throw ProxyProtocolProblem("it is too short for its addresses")
        }
        client = IPAddress(bytes: bytes[16..<(16 + size)])
    }

    private static func address(_ word: Substring, _ family: Substring) -> IPAddress? {
        // Nothing but the address itself: no port, brackets or zone.
        let letters = family == "TCP4" ? "0123456789." : "0123456789abcdefABCDEF:."
        guard word.allSatisfy({ letters.contains($0) }), word.contains(":") == (family == "TCP6") else { return nil }
        return IPAddress(word)
    }

    private static func isPort(_ word: Substring) -> Bool {
        guard word.utf8.allSatisfy({ (0x30...0x39).contains($0) }), word == "0" || word.first != "0" else {
            return false
        }
        return UInt16(word) != nil
    }
}

/// Why bytes are no header of the PROXY protocol.
public struct ProxyProtocolProblem: Error, CustomStringConvertible {
    /// What is wrong.
    public let description: String

    init(_ description: String) { self.description = description }
}
