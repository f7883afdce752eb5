/// Sends lines to a syslog daemon's socket, and connects anew when the daemon was restarted.
///
/// `@unchecked Sendable`: `socket` is touched by the writing thread of its ``LineWriter`` alone.
final class SyslogSender: @unchecked Sendable {
    private let path: String
    private var socket: UnixDatagramSocket?

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
        if socket?.send(line, waits: true) == true { return true }
        // The first try on a connection to a daemon that has gone fails.
        socket = UnixDatagramSocket(connectedTo: path)
        return socket?.send(line, waits: true) ?? false
    }
}
