/// A network of addresses in CIDR notation: `127.0.0.1/32`, `10.0.0.0/8`, `2001:db8::/32`, or one address.
public struct IPNetwork: Sendable, Hashable {
    private let address: IPAddress
    private let prefixLength: Int

    /// Reads a network.
    /// - Parameter text: CIDR notation, or an address alone.
    /// - Returns: nil if it is neither.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        let width = address.bytes.count * 8
        guard let length = parts.count == 1 ? width : Int(parts[1]), (0...width).contains(length) else { return nil }
        self.init(address, prefixLength: length)
    }

    /// The network that an address lies in.
    /// - Parameters:
    ///   - address: any address of it.
    ///   - prefixLength: how many of its bits are the network's; at most those that it has.
    public init(_ address: IPAddress, prefixLength: Int) {
        let length = min(max(0, prefixLength), address.bytes.count * 8)
        self.prefixLength = length
        self.address = IPAddress(
            bytes: address.bytes.enumerated().map { index, byte in
                byte & UInt8(truncatingIfNeeded: 0xFF00 >> min(8, max(0, length - index * 8)))
            })
    }

    /// Whether an address lies in the network.
    /// - Parameter other: the address.
    /// - Returns: true if it does; never across families.
    public func contains(_ other: IPAddress) -> Bool {
        guard other.bytes.count == address.bytes.count else { return false }
        let whole = prefixLength / 8
        guard other.bytes.prefix(whole) == address.bytes.prefix(whole) else { return false }
        let mask = UInt8(truncatingIfNeeded: 0xFF00 >> (prefixLength % 8))
        return prefixLength % 8 == 0 || (other.bytes[whole] ^ address.bytes[whole]) & mask == 0
    }
}
