import Credentials
public import struct Foundation.Date

/// A use of a key.
public struct KeyUse: Sendable, Hashable {
    /// When.
    public let date: Date
    /// From which address, where that is known.
    public let client: String?
    /// By which program, as it says itself; cut at 256 bytes.
    public let userAgent: String?

    /// Describes a use.
    /// - Parameters:
    ///   - date: when.
    ///   - client: from which address.
    ///   - userAgent: by which program; what is over 256 bytes is cut off.
    public init(date: Date, client: String? = nil, userAgent: String? = nil) {
        self.date = date
        self.client = client
        self.userAgent = userAgent?.cut(toBytes: 256)
    }
}
