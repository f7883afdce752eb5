import Foundation

/// A server of a directory with a fault that a real one can't be made to show, or a proxy that puts one before a real one.
public final class FaultyPeer: Sendable {
    /// What is wrong with it.
    public enum Fault: Sendable {
        /// Takes connections and never says a word.
        case mute
        /// Says yes to StartTLS, and then nothing.
        case muteAfterStartTLS
        /// Sends one byte of a TLS record a second.
        case dripping
        /// A proxy to a port on loopback whose connections all die at ``FaultyPeer/kill()``, without a word to anybody; new
        /// ones work.
        case forgetful(to: Int)
        /// A proxy to a port on loopback that answers the binds of one DN itself: with a result code, or never.
        case strangeBind(to: Int, of: String, code: Int?)
        /// A proxy to a port on loopback that answers every search itself, with a result code.
        case strangeSearch(to: Int, code: Int)

        fileprivate var arguments: [String] {
            switch self {
            case .mute: ["mute"]
            case .muteAfterStartTLS: ["starttls"]
            case .dripping: ["drip"]
            case .forgetful(let port): ["forgetful", "\(port)"]
            case .strangeBind(let port, let name, let code):
                ["bind", "\(port)", name, code.map(String.init) ?? "never"]
            case .strangeSearch(let port, let code): ["search", "\(port)", "", "\(code)"]
            }
        }
    }

    private static let script = """
        import signal, socket, sys, threading, time
        listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=128)
        mode, kept, generation = sys.argv[2], [], [0]

        def kill(*_):
            generation[0] += 1
            print("killed", flush=True)

        def relay(source, target, born, look):
            try:
                while data := source.recv(65536):
                    if born != generation[0]:
                        return kept.append((source, target))
                    if not look(data): continue
                    target.sendall(data)
            except OSError: pass
            if born == generation[0]:
                for side in (source, target):
                    try: side.shutdown(socket.SHUT_RDWR)
                    except OSError: pass

        def strange(client):
            name, code = sys.argv[4].encode(), sys.argv[5]
            asked, answered = (b"\\x60", 0x61) if mode == "bind" else (b"\\x63", 0x65)
            def look(data):
                # A message (0x30) with a bind (0x60) or search (0x63), and a message id of one byte.
                if name not in data or asked not in data[:12]: return True
                print("bind", flush=True)
                if code != "never":
                    number = data[data.index(b"\\x02\\x01") + 2]
                    client.sendall(bytes([0x30, 12, 2, 1, number, answered, 7, 10, 1, int(code), 4, 0, 4, 0]))
                return False
            return look

        def serve(client):
            if mode == "starttls":
                client.recv(65536)
                client.sendall(bytes([0x30, 12, 2, 1, 1, 0x78, 7, 10, 1, 0, 4, 0, 4, 0]))
            elif mode == "drip":
                try:
                    for byte in bytes([0x16, 3, 3, 0x3F, 0xFF, 2, 0, 0x3F, 0xF0, 3, 3]) + bytes(100):
                        client.sendall(bytes([byte]))
                        time.sleep(1)
                except OSError: pass
            elif mode in ("forgetful", "bind", "search"):
                server = socket.create_connection(("127.0.0.1", int(sys.argv[3])))
                look = strange(client) if mode != "forgetful" else lambda _: True
                threading.Thread(target=relay, args=(server, client, generation[0], lambda _: True), daemon=True).start()
                threading.Thread(target=relay, args=(client, server, generation[0], look), daemon=True).start()
            kept.append(client)

        signal.signal(signal.SIGUSR1, kill)
        print("ready", flush=True)
        while True:
            try: client, _ = listener.accept()
            except InterruptedError: continue
            threading.Thread(target=serve, args=(client,), daemon=True).start()
        """

    public let port: Int
    private let folder: TemporaryFolder
    private let process: RunningProcess

    /// Starts it and waits until it listens.
    public init(_ fault: Fault) async throws {
        folder = try TemporaryFolder()
        port = try Ports.free()
        process = try Program("python3", package: "python3").start(
            ["-c", Self.script, "\(port)"] + fault.arguments, output: folder.url("log"), error: folder.url("error"))
        let folder = folder
        try await eventually("the peer listens") { try folder.text("log").contains("ready") }
    }

    deinit { process.signal(SIGKILL) }

    /// Lets all connections that there are die, and waits until they have.
    public func kill() async throws {
        let before = try folder.text("log").split(separator: "\n").count { $0 == "killed" }
        process.signal(SIGUSR1)
        let folder = folder
        try await eventually("the connections are dead") {
            try folder.text("log").split(separator: "\n").count { $0 == "killed" } > before
        }
    }

    /// How many binds of the strange DN have come.
    public var binds: Int {
        get throws { try folder.text("log").split(separator: "\n").count { $0 == "bind" } }
    }
}
