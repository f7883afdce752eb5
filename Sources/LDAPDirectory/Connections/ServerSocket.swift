import Credentials
import Foundation
import Synchronization

/// A second hold on the socket of a connection, beside libldap's own: to end what blocks on it, and to ask TCP what has
/// become of what was sent.
///
/// libldap closes its descriptor when a connection breaks, in the middle of a call, and the number may be another socket's
/// a moment later. This one is closed only with the object.
final class ServerSocket: Sendable {
    private let descriptor: Int32
    private let isShutDown = Atomic(false)

    /// Takes a hold on a socket.
    /// - Returns: nil if no descriptor is left.
    init?(_ original: Int32) {
        descriptor = fcntl(original, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// Ends the connection: whatever reads from it or writes to it returns.
    func shutDown() {
        isShutDown.store(true, ordering: .relaxed)
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Whether ``shutDown()`` has ended it.
    var wasShutDown: Bool { isShutDown.load(ordering: .relaxed) }

    /// Whether the other side, or the network, has closed it already. Never waits.
    var isClosed: Bool {
        var poll = pollfd(fd: descriptor, events: Self.hangUp, revents: 0)
        return Foundation.poll(&poll, 1, 0) > 0
    }

    /// How many bytes the other side's TCP has acknowledged so far (RFC 4898, tcpEStatsAppHCThruOctetsAcked); nil where the
    /// kernel does not say.
    var acknowledgedBytes: UInt64? {
        var information = [UInt8](repeating: 0, count: 256)
        var length = socklen_t(information.count)
        guard getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &information, &length) == 0,
            Int(length) >= Self.acknowledgedOffset + 8
        else { return nil }
        let value = (0..<8).reduce(UInt64(0)) { value, index in
            #if _endian(little)
                value | UInt64(information[Self.acknowledgedOffset + index]) << UInt64(8 * index)
            #else
                value << 8 | UInt64(information[Self.acknowledgedOffset + index])
            #endif
        }
        // A connection that stands has acknowledged at least its own beginning.
        return value > 0 ? value : nil
    }

    /// POLLRDHUP of poll(2), which glibc shows to GNU sources alone.
    private static let hangUp: Int16 = 0x2000
    /// Where `tcpi_bytes_acked` lies in Linux's `struct tcp_info` (linux/tcp.h, since 4.1): glibc's own header ends before it.
    private static let acknowledgedOffset = 120
}
