import Foundation

/// Sends lines to a syslog daemon's socket, and connects anew when the daemon was restarted.
///
/// `@unchecked Sendable`: `descriptor` is touched by the writing thread of its ``LineWriter`` alone.
final class SyslogSender: @unchecked Sendable {
    private let path: String
    private var descriptor: Int32 = -1

    /// - Parameter path: the path of the socket.
    init(path: String) { self.path = path }

    /// Sends each line of a text. Blocks while the daemon's queue is full.
    /// - Returns: how many bytes of the text were taken, line feeds included; errno says why not all.
    func send(_ text: [UInt8]) -> Int {
        var taken = 0
        for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            guard !line.isEmpty else { continue }
            guard send(line) else { return taken }
            taken += line.count + 1
        }
        return text.count
    }

    private func send(_ line: ArraySlice<UInt8>) -> Bool {
        if descriptor >= 0, write(line) { return true }
        // The first try on a connection to a daemon that has gone fails.
        guard connect() else { return false }
        return write(line)
    }

    private func write(_ line: ArraySlice<UInt8>) -> Bool {
        line.withUnsafeBytes { bytes in
            Foundation.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        } >= 0
    }

    private func connect() -> Bool {
        if descriptor >= 0 { close(descriptor) }
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard descriptor >= 0, bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Foundation.connect(descriptor, $0, length) }
        } == 0
    }
}
