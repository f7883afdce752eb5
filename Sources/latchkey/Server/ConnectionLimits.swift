import AuthService
import NIOCore

/// How much of the server a client may take up (`http.limits`).
struct ConnectionLimits: Sendable, Equatable {
    /// How many connections of clients are open at once, over all listeners; nil for as many as the system lets this process have.
    var connections: Int?
    /// How many of those may come from one IPv4 address, or one IPv6 network of 64 bits; nil for any number.
    var connectionsPerAddress: Int?
    /// After how many answers a connection ends; nil for never.
    var requestsPerConnection: Int?
    /// How long a request's line and its fields may be together, in bytes. NIO's decoder takes no more than 80 KiB.
    var headerBytes = 65_536
    /// How many fields a request may have.
    var headerFields = 128
    /// How long a request may take to come, from its first byte to its last.
    var requestTimeout = TimeAmount.seconds(30)

    /// What files, the directory's connections and the operators' own listener keep for themselves.
    private static let reserved = 256

    /// The answer to a request whose head is longer, or has more fields.
    var headerTooLarge: AuthResponse { .headerTooLarge(bytes: headerBytes, fields: headerFields) }

    /// How many connections may be open.
    var maximum: Int { connections ?? max(64, FileDescriptorLimit.current - Self.reserved) }
}
