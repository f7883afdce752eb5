import Foundation

/// An IPv4 or IPv6 address.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// The address as a number: an IPv4 address in the lowest 32 bits. Millions are counted by it, so it takes no memory
    /// of its own.
    let value: UInt128
    package let isIPv4: Bool

    /// 4 or 16 bytes, in network order. An IPv4 address that came in IPv6's clothes (`::ffff:1.2.3.4`) has 4.
    public var bytes: [UInt8] {
        let all = withUnsafeBytes(of: value.bigEndian) { Array($0) }
        return isIPv4 ? Array(all.suffix(4)) : all
    }

    /// How many bits it has.
    var width: Int { isIPv4 ? 32 : 128 }

    /// Reads an address, with or without a port or the brackets that a forwarding header puts around IPv6.
    /// - Parameter text: such as `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
    /// - Returns: nil if it is no address.
    public init?(_ text: some StringProtocol) {
        var text = Substring(text)
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            text = text[text.index(after: text.startIndex)..<end]
        } else if text.count(where: { $0 == ":" }) == 1, let colon = text.firstIndex(of: ":") {
            text = text[..<colon]
        }
        // A zone (fe80::1%eth0) names an interface of this machine, and is no part of the address.
        let address = String(text.prefix { $0 != "%" })
        if let value = Self.parse(address, AF_INET, 4) {
            self.init(value: value, isIPv4: true)
        } else if let value = Self.parse(address, AF_INET6, 16) {
            let isMapped = value >> 32 == 0xFFFF
            self.init(value: isMapped ? value & 0xFFFF_FFFF : value, isIPv4: isMapped)
        } else {
            return nil
        }
    }

    /// Takes an address as it stands in packets.
    /// - Parameter bytes: 4 or 16 bytes, in network order.
    /// - Returns: nil for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        let value = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        let isMapped = bytes.count == 16 && value >> 32 == 0xFFFF
        self.init(value: isMapped ? value & 0xFFFF_FFFF : value, isIPv4: isMapped || bytes.count == 4)
    }

    init(value: UInt128, isIPv4: Bool) {
        self.value = value
        self.isIPv4 = isIPv4
    }

    private static func parse(_ text: String, _ family: Int32, _ count: Int) -> UInt128? {
        var bytes = [UInt8](repeating: 0, count: count)
        guard inet_pton(family, text, &bytes) == 1 else { return nil }
        return bytes.reduce(0) { $0 << 8 | UInt128($1) }
    }

    /// The address in its usual form (RFC 5952).
    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        var bytes = bytes
        let family = isIPv4 ? AF_INET : AF_INET6
        guard inet_ntop(family, &bytes, &text, socklen_t(text.count)) != nil else { return "?" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
