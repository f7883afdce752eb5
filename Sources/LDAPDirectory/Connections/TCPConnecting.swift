import Credentials
import Foundation

/// Opens connections to a server within a deadline. libldap's own way has none for all of it, and tells a refused connection
/// from a swallowed one by nothing.
enum TCPConnecting {
    /// Connects to the first address of a host that takes the connection.
    /// - Parameters:
    ///   - server: host and port.
    ///   - deadline: when there is no time left; the addresses share it.
    ///   - unacknowledged: how long what is sent may stay without acknowledgement (RFC 5482). A network that drops packets
    ///     shows so on a connection that is open already as fast as on a new one.
    /// - Returns: a descriptor of a blocking socket, which is the caller's.
    static func connect(
        to server: ServerAddress, _ deadline: Deadline, unacknowledged: Duration
    ) throws(LDAPError) -> Int32 {
        guard let addresses = HostAddresses.resolve(server.host, port: server.port), !addresses.isEmpty else {
            throw .connecting("the host '\(server.host)' can't be resolved: is the name right, and the DNS reachable?")
        }
        var last: LDAPError?
        for (index, address) in addresses.enumerated() {
            do throws(LDAPError) {
                let descriptor = try connect(to: address, server, deadline.part(of: addresses.count - index))
                configure(descriptor, unacknowledged)
                return descriptor
            } catch {
                last = error
            }
        }
        throw last ?? .nobody
    }

    private static func connect(
        to address: HostAddresses.Address, _ server: ServerAddress, _ deadline: Deadline
    ) throws(LDAPError) -> Int32 {
        let flags = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.family, flags, 0)
        guard descriptor >= 0 else { throw .connecting("no socket can be had: \(String(cString: strerror(errno)))") }
        let place = "\(address.text) port \(server.port)"
        var code = address.withPointer { Foundation.connect(descriptor, $0, $1) } == 0 ? 0 : errno
        if code == EINPROGRESS { code = outcome(of: descriptor, deadline) }
        guard code == 0 else {
            close(descriptor)
            throw error(code, place, deadline)
        }
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
        return descriptor
    }

    /// What became of a connection that was being made: an error number, ETIMEDOUT at the deadline.
    private static func outcome(of descriptor: Int32, _ deadline: Deadline) -> Int32 {
        var event = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        while true {
            let count = poll(&event, 1, Int32(clamping: deadline.milliseconds))
            if count < 0, errno == EINTR { continue }
            if count == 0 { return ETIMEDOUT }
            break
        }
        var (code, length) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else { return errno }
        return code
    }

    private static func error(_ code: Int32, _ place: String, _ deadline: Deadline) -> LDAPError {
        switch code {
        case ECONNREFUSED:
            .connecting("\(place) refuses connections: is the server running, and is this its port?", isRefused: true)
        case ETIMEDOUT:
            .connecting(
                "\(place) does not answer: is the host up, or does a firewall drop the packets on the way?",
                isTimeOut: true)
        default: .connecting("\(place) can't be reached: \(String(cString: strerror(code)))")
        }
    }

    private static func configure(_ descriptor: Int32, _ unacknowledged: Duration) {
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
        setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, size)
        var milliseconds = Int32(clamping: Int64(unacknowledged / .milliseconds(1)))
        if milliseconds > 0 { setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &milliseconds, size) }
    }
}
