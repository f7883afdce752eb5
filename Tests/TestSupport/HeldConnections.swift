import Foundation

/// Connections to a port of loopback that a test holds, and says on what it wants.
public final class HeldConnections: Sendable {
    private let descriptors: [Int32]

    /// Connects.
    /// - Parameters:
    ///   - port: where to.
    ///   - count: how often.
    public init(_ port: Int, _ count: Int) throws {
        descriptors = try (0..<count).map { _ in try Ports.connect(port) }
    }

    deinit { for descriptor in descriptors { close(descriptor) } }

    /// Sends a text on each; those that are closed are passed over.
    public func send(_ text: String) {
        for descriptor in descriptors {
            Foundation.send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// How many the server has closed. What it has sent before is read, and dropped.
    public var closed: Int { descriptors.count { Self.isClosed($0) } }

    private static func isClosed(_ descriptor: Int32) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 { continue }
            return count == 0 || errno != EAGAIN && errno != EWOULDBLOCK
        }
    }
}
