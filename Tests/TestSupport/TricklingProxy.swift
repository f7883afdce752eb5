import Foundation

/// A proxy before a server on loopback that hands its answers on one byte at a time, with a pause after each.
public final class TricklingProxy: Sendable {
    private static let script = """
        import socket, sys, threading, time
        listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
        def forward(source, target, pause):
            try:
                while data := source.recv(1 if pause else 65536):
                    target.sendall(data)
                    if pause: time.sleep(pause)
            except OSError: pass
        while True:
            client, _ = listener.accept()
            server = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
            threading.Thread(target=forward, args=(client, server, 0), daemon=True).start()
            threading.Thread(target=forward, args=(server, client, float(sys.argv[3])), daemon=True).start()
        """

    public let port: Int
    private let folder: TemporaryFolder
    private let process: RunningProcess

    /// Starts it and waits until it listens.
    /// - Parameters:
    ///   - target: the server's port.
    ///   - pause: the time after each byte, in seconds.
    public init(to target: Int, pause: Double) async throws {
        folder = try TemporaryFolder()
        port = try Ports.free()
        process = try Program("python3", package: "python3").start(
            ["-c", Self.script, "\(port)", "\(target)", "\(pause)"], output: folder.url("log"), error: folder.url("log")
        )
        let port = port
        try await eventually("the proxy listens") { Ports.isOpen(port) }
    }

    deinit { process.signal(SIGKILL) }
}
