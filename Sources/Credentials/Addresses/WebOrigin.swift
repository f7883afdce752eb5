import Foundation

/// The origin of an address of http or https: scheme, host and port (RFC 6454, 4), in the one form in which browsers write it.
///
/// The scheme and the host are in lower case, an IPv6 address is written as browsers write it (https://url.spec.whatwg.org, "host
/// serializing"), and a default port is left out. So two origins are the same if their bytes are: the text is ASCII.
public struct WebOrigin: Sendable, Hashable, CustomStringConvertible {
    /// Whether the scheme is https.
    public let isSecure: Bool
    /// The host: a name, an IPv4 address, or an IPv6 address in brackets.
    public let host: String
    /// The port, also where it is the default one.
    public let port: Int

    /// Reads an origin as the field `Origin` has it (RFC 6454, 7).
    /// - Parameter text: such as `https://auth.example.org:8443`, without anything behind the port.
    /// - Returns: nil for anything else, `null` among it.
    public init?(_ text: some StringProtocol) {
        guard let (isSecure, rest) = Self.scheme(text), let origin = WebOrigin(isSecure: isSecure, authority: rest)
        else {
            return nil
        }
        self = origin
    }

    /// Reads an origin as an operator writes it: one slash at its end is forgiven.
    /// - Parameter text: such as `https://auth.example.org/`.
    /// - Returns: nil for what is no origin, or has a path.
    public init?(written text: String) {
        self.init(text.utf8.last == UInt8(ascii: "/") ? text.dropLast() : text[...])
    }

    /// Reads the origin of a whole address.
    /// - Parameter text: an address, such as `https://auth.example.org/login?x=y`.
    /// - Returns: nil for what is no address of http or https, or what a browser and a library might read in two ways.
    public init?(ofAddress text: String) {
        guard let (isSecure, rest) = Self.scheme(text) else { return nil }
        let end = rest.utf8.firstIndex { "/?#".utf8.contains($0) } ?? rest.endIndex
        self.init(isSecure: isSecure, authority: rest[..<end])
    }

    /// Reads what stands behind a scheme, or in `Host` (RFC 9110, 7.2).
    /// - Parameters:
    ///   - isSecure: whether the scheme is https.
    ///   - authority: the host, perhaps with a port.
    /// - Returns: nil for what is neither.
    public init?(isSecure: Bool, authority: some StringProtocol) {
        guard let (host, port) = Self.hostAndPort(authority) else { return nil }
        self.isSecure = isSecure
        self.host = host
        self.port = port ?? Self.defaultPort(isSecure)
    }

    /// Such as `https://auth.example.org`, or `http://[::1]:8080`.
    public var description: String {
        "http\(isSecure ? "s" : "")://\(host)" + (port == Self.defaultPort(isSecure) ? "" : ":\(port)")
    }

    /// Whether the host is a domain, or lies below it, so that it can set cookies for it (RFC 6265, 5.1.3). An address lies below none.
    /// - Parameter domain: the domain, in lower case.
    public func isWithin(_ domain: String) -> Bool {
        guard !isAddress else { return false }
        return host.utf8.elementsEqual(domain.utf8) || host.utf8.reversed().starts(with: ".\(domain)".utf8.reversed())
    }

    /// Whether the host is an address and no name.
    public var isAddress: Bool {
        host.utf8.first == UInt8(ascii: "[") || Self.isNumber(host.split(separator: ".").last ?? "")
    }

    /// Reads a host with or without a port.
    /// - Parameter authority: such as `auth.example.org:8443`.
    /// - Returns: the host in the form in which browsers write it, and the port if there is one; nil for anything else.
    package static func hostAndPort(_ authority: some StringProtocol) -> (host: String, port: Int?)? {
        let bytes = Array(authority.utf8)
        guard bytes.count <= 300, bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        let isBracketed = bytes.first == UInt8(ascii: "[")
        // In an address of IPv6 there are colons that begin no port.
        let end =
            isBracketed
            ? bytes.firstIndex(of: UInt8(ascii: "]")).map { $0 + 1 } : bytes.firstIndex(of: UInt8(ascii: ":"))
        guard let end = end ?? (isBracketed ? nil : bytes.count) else { return nil }
        let text = String(decoding: bytes[..<end], as: UTF8.self)
        guard let host = isBracketed ? ipv6(text.dropFirst().dropLast()) : name(text.lowercased()) else { return nil }
        guard end < bytes.count else { return (host, nil) }
        let digits = bytes[(end + 1)...]
        guard bytes[end] == UInt8(ascii: ":"), (1...5).contains(digits.count), digits.allSatisfy(isDigit),
            let port = Int(String(decoding: digits, as: UTF8.self)), (1...65_535).contains(port)
        else { return nil }
        return (host, port)
    }

    private static func defaultPort(_ isSecure: Bool) -> Int { isSecure ? 443 : 80 }

    private static func scheme<Text: StringProtocol>(_ text: Text) -> (isSecure: Bool, rest: Text.SubSequence)? {
        for (name, isSecure) in [("https://", true), ("http://", false)] {
            let head = text.utf8.prefix(name.utf8.count)
            // Letters alone differ in case: the other characters have no bit for it that is free.
            guard head.count == name.utf8.count, zip(head, name.utf8).allSatisfy({ lowered($0) == $1 }) else {
                continue
            }
            return (isSecure, text[head.endIndex...])
        }
        return nil
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// A name in lower case, or an IPv4 address in the one form that nobody reads otherwise.
    private static func name(_ text: String) -> String? {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            !label.isEmpty && label.utf8.count <= 63
                && label.utf8.allSatisfy {
                    isDigit($0) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || "-_".utf8.contains($0)
                }
        }
        guard isName, text.utf8.count <= 253, let last = labels.last else { return nil }
        // To a browser 127.1 and 0x7f.0.0.1 are 127.0.0.1; to others they are names.
        guard !isNumber(last) || bytes(of: text, AF_INET, 4) != nil else { return nil }
        return text
    }

    /// Whether a browser takes a host that ends so for an IPv4 address.
    private static func isNumber(_ label: Substring) -> Bool {
        if label.utf8.allSatisfy(isDigit) { return true }
        return label.hasPrefix("0x") && label.dropFirst(2).allSatisfy(\.isHexDigit)
    }

    private static func bytes(of text: String, _ family: Int32, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }

    /// An IPv6 address in brackets: hexadecimal groups, of which the first longest run of two and more zeros is left out.
    private static func ipv6(_ text: Substring) -> String? {
        guard let bytes = bytes(of: String(text), AF_INET6, 16) else { return nil }
        let groups = (0..<8).map { Int(bytes[2 * $0]) << 8 | Int(bytes[2 * $0 + 1]) }
        var (longest, run) = (0..<0, 0..<0)
        for (index, group) in groups.enumerated() {
            run = group != 0 ? index + 1..<index + 1 : run.lowerBound..<index + 1
            if run.count > longest.count { longest = run }
        }
        let texts = groups.map { String($0, radix: 16) }
        guard longest.count > 1 else { return "[\(texts.joined(separator: ":"))]" }
        let (head, tail) = (texts[..<longest.lowerBound], texts[longest.upperBound...])
        return "[\(head.joined(separator: ":"))::\(tail.joined(separator: ":"))]"
    }
}
