/// A network of addresses in CIDR notation: `127.0.0.1/32`, `10.0.0.0/8`, `2001:db8::/32`, or one address.
public struct IPNetwork: Sendable, Hashable, CustomStringConvertible {
    private let address: IPAddress
    private let prefixLength: Int

    /// Reads a network.
    /// - Parameter text: CIDR notation, or an address alone.
    /// - Returns: nil if it is neither.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        guard let length = parts.count == 1 ? address.width : Int(parts[1]), (0...address.width).contains(length) else {
            return nil
        }
        self.init(address, prefixLength: length)
    }

    /// The network that an address lies in.
    /// - Parameters:
    ///   - address: any address of it.
    ///   - prefixLength: how many of its bits are the network's; at most those that it has.
    public init(_ address: IPAddress, prefixLength: Int) {
        self.prefixLength = min(max(0, prefixLength), address.width)
        self.address = IPAddress(
            value: address.value & ~Self.hostMask(address.width - self.prefixLength), isIPv4: address.isIPv4)
    }

    /// CIDR notation.
    public var description: String { "\(address)/\(prefixLength)" }

    /// That many one bits.
    private static func hostMask(_ bits: Int) -> UInt128 {
        bits == 128 ? .max : (1 << UInt128(bits)) - 1
    }

    /// Whether an address lies in the network.
    /// - Parameter other: the address.
    /// - Returns: true if it does; never across families.
    public func contains(_ other: IPAddress) -> Bool {
        other.isIPv4 == address.isIPv4 && IPNetwork(other, prefixLength: prefixLength) == self
    }
}
