import Foundation
import Synchronization

/// Ports and connections on loopback.
public enum Ports {
    /// The next port to hand out: below those that the kernel gives to clients (ip_local_port_range), one of which could take it before
    /// it is listened on, and none twice.
    private static let next = Atomic<Int>(.random(in: 12_000...20_000))

    /// A port that nobody listens on now.
    public static func free() throws -> Int {
        for _ in 0..<1000 {
            let port = next.add(1, ordering: .relaxed).newValue
            let descriptor = newSocket()
            defer { close(descriptor) }
            if (try? bind(descriptor, port)) != nil { return port }
        }
        throw NeverHappened(description: "of a thousand ports none is free")
    }

    /// Runs something beside a listener that takes no connection: once its queue is full, the kernel drops the packets
    /// of further ones without an answer, as a firewall does.
    public static func withBlackHole<T: Sendable>(_ body: (_ port: Int) async throws -> T) async throws -> T {
        let descriptor = newSocket()
        defer { close(descriptor) }
        let port = try bind(descriptor)
        listen(descriptor, 0)
        // The queue of length 0 holds one: fill it, and one more that stays half open.
        let fillers = (0..<3).map { _ in startConnecting(port) }
        defer { fillers.forEach { close($0) } }
        return try await body(port)
    }

    /// Whether somebody takes connections on a port.
    public static func isOpen(_ port: Int, on host: String = "127.0.0.1") -> Bool {
        let descriptor = newSocket()
        defer { close(descriptor) }
        return connect(descriptor, port, host) == 0
    }

    /// How many connections there are to a port of loopback.
    public static func connections(to port: Int) throws -> Int {
        let remote = " 0100007F:" + String(format: "%04X", port) + " 01 "
        // Data(contentsOf:) reads no more than a page of such a file: it says that it has no length.
        let file = try FileHandle(forReadingFrom: URL(filePath: "/proc/net/tcp"))
        let table = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
        return table.split(separator: "\n").count { $0.contains(remote) }
    }

    /// A socket that no program inherits which a test starts at the same moment: it would keep the port for as long as it runs.
    private static func newSocket(_ flags: UInt32 = 0) -> Int32 {
        socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | flags), 0)
    }

    /// Connects to a port.
    static func connect(_ port: Int) throws -> Int32 {
        let descriptor = newSocket()
        guard connect(descriptor, port) == 0 else {
            close(descriptor)
            throw NeverHappened(description: "nobody takes connections on port \(port): errno \(errno)")
        }
        return descriptor
    }

    private static func startConnecting(_ port: Int) -> Int32 {
        let descriptor = newSocket(SOCK_NONBLOCK.rawValue)
        _ = connect(descriptor, port)
        return descriptor
    }

    private static func address(_ port: Int, _ host: String = "127.0.0.1") -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr(host)
        return address
    }

    private static func connect(_ descriptor: Int32, _ port: Int, _ host: String = "127.0.0.1") -> Int32 {
        var address = address(port, host)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func bind(_ descriptor: Int32, _ port: Int = 0) throws -> Int {
        var address = address(port)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
            }
        }
        guard status == 0 else { throw NeverHappened(description: "no port could be had: errno \(errno)") }
        return Int(in_port_t(bigEndian: address.sin_port))
    }
}
