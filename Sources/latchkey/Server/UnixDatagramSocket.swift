import Foundation

/// A socket that sends datagrams to a Unix socket of another program, such as a syslog daemon or systemd; closed when it is let go of.
///
/// Not safe to share.
final class UnixDatagramSocket {
    private let descriptor: Int32

    /// Connects.
    /// - Parameter path: the path of the other program's socket; one that begins with `@` is in the abstract space (unix(7)).
    /// - Returns: nil if nobody is there; errno says why.
    init?(connectedTo path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count > 1, bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            errno = EINVAL
            return nil
        }
        let isAbstract = bytes[0] == UInt8(ascii: "@")
        withUnsafeMutableBytes(of: &address.sun_path) { room in
            room.copyBytes(from: bytes)
            if isAbstract { room[0] = 0 }
        }
        // An abstract name ends where it is said to, and has no zero byte behind it.
        let length = MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1)
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(length))
            }
        }
        guard status == 0 else { return nil }
    }

    deinit {
        // What a caller reads is why it could not connect.
        let code = errno
        if descriptor >= 0 { close(descriptor) }
        errno = code
    }

    /// Sends one datagram.
    /// - Parameters:
    ///   - bytes: what is in it.
    ///   - waits: whether to wait while the other's queue is full.
    /// - Returns: whether it was taken; errno says why not.
    func send(_ bytes: ArraySlice<UInt8>, waits: Bool) -> Bool {
        bytes.withUnsafeBytes {
            Foundation.send(
                descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | (waits ? 0 : Int32(MSG_DONTWAIT)))
        } >= 0
    }
}
