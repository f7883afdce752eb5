public import Foundation

/// The real server, started for one test on a free port.
public final class Latchkey: Sendable {
    /// The executable that was built beside the tests.
    public static var program: Program {
        let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        return Program(path: folder.appending(path: "latchkey").path)
    }

    public let folder: TemporaryFolder
    public let port: Int
    public let url: String
    private let process: RunningProcess

    /// Starts the server.
    /// - Parameters:
    ///   - auth: the lines below `http.auth`, in YAML's flow form.
    ///   - http: further keys of `http`, in flow form.
    ///   - failDelay: the delay of refusals.
    ///   - folder: where its files are and will be; a new folder without one.
    ///   - audit: the audit file.
    ///   - dataSize: the size of a disk of its own for the data folder, as tmpfs(5) writes it. Needs root.
    public init(
        auth: String, http: String = "", failDelay: String = "0", folder: TemporaryFolder? = nil,
        audit: String = "audit.log", dataSize: String? = nil
    ) async throws {
        let folder = try folder ?? TemporaryFolder()
        self.folder = folder
        port = try Ports.free()
        url = "\(http.contains("tls:") ? "https" : "http")://127.0.0.1:\(port)"
        try folder.write(
            "latchkey.yaml",
            """
            http: { port: \(port), auth: { failDelay: \(failDelay), \(auth) } \(http.isEmpty ? "" : ", \(http)") }
            storage: { rootDirectory: data }
            log: { audit: \(audit) }
            """)
        let arguments = ["serve", "--config", folder.path("latchkey.yaml")]
        var (program, words) = (Self.program, arguments)
        if let dataSize {
            program = try Program("unshare", package: "util-linux")
            let mount = "mount -t tmpfs -o size=\(dataSize),mode=700 none \"$0\" && exec \"$@\""
            try FileManager.default.createDirectory(at: folder.url("data"), withIntermediateDirectories: true)
            words = ["-m", "sh", "-c", mount, folder.path("data"), Self.program.path] + arguments
        }
        process = try await Self.start(program, words, in: folder)
    }

    /// Starts the server with a whole configuration of the test's own.
    /// - Parameters:
    ///   - configuration: makes it, of the port to listen on.
    ///   - folder: where its files are and will be.
    ///   - port: the port, if it had to be known before; nil for any.
    ///   - environment: what it is told beside the test's own environment.
    public init(
        configuration: (_ port: Int) throws -> String, folder: TemporaryFolder, port given: Int? = nil,
        environment: [String: String] = [:]
    ) async throws {
        self.folder = folder
        port = try given ?? Ports.free()
        url = "http://127.0.0.1:\(port)"
        let path = try folder.write("latchkey.yaml", try configuration(port))
        process = try await Self.start(Self.program, ["serve", "--config", path], in: folder, environment)
    }

    /// Starts a server that was stopped once more, with its port and its files.
    public init(restarting other: Latchkey) async throws {
        (folder, port, url) = (other.folder, other.port, other.url)
        process = try await Self.start(Self.program, ["serve", "--config", folder.path("latchkey.yaml")], in: folder)
    }

    private static func start(
        _ program: Program, _ arguments: [String], in folder: TemporaryFolder, _ environment: [String: String] = [:]
    ) async throws -> RunningProcess {
        let running = try program.start(
            arguments, output: folder.url("log"), error: folder.url("log"), environment: environment)
        try await eventually("latchkey listens") {
            let log = try folder.text("log")
            guard running.isRunning else { throw NeverHappened(description: "latchkey ended: \(log)") }
            return log.contains("listening")
        }
        return running
    }

    deinit { process.signal(SIGKILL) }

    /// Sends a signal and waits for the end.
    /// - Returns: the exit status.
    @discardableResult
    public func stop(_ signal: Int32 = SIGTERM) async -> Int32 {
        process.signal(signal)
        return await process.waitForExit()
    }

    public func signal(_ number: Int32) { process.signal(number) }

    /// The data folder as the server sees it: a disk of its own is seen by nobody else.
    public var data: URL { URL(filePath: "/proc/\(process.identifier)/root\(folder.path("data"))") }

    /// How long it has had a CPU since its start, in ticks of 10 ms (proc(5)).
    public var processorTime: Duration {
        get throws {
            let text = try String(contentsOf: URL(filePath: "/proc/\(process.identifier)/stat"), encoding: .utf8)
            let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
            guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else {
                throw NeverHappened(description: "no times in \(text)")
            }
            return .milliseconds(10 * (user + system))
        }
    }

    /// What it has logged so far.
    public var log: String { get throws { try folder.text("log") } }

    /// Runs curl against it.
    /// - Returns: the status of the response, and its body.
    public func curl(_ path: String, _ arguments: String...) async throws -> (status: String, body: String) {
        let curl = try Program("curl", package: "curl")
        let output = try await curl.run(["-s", "-w", "\n%{http_code}"] + arguments + [url + path])
        let lines = output.standardOutput.split(separator: "\n", omittingEmptySubsequences: false)
        return (lines.last.map(String.init) ?? "", lines.dropLast().joined(separator: "\n"))
    }

    /// Writes text, as printf reads it, to the server's port, and reads until the server closes.
    /// - Parameter pieces: what is written, each piece a tenth of a second after the one before.
    public func exchange(_ pieces: String...) async throws -> String {
        let writes = pieces.map { "printf '\($0)' >&3" }.joined(separator: "; sleep 0.1; ")
        let script = "exec 3<>/dev/tcp/127.0.0.1/\(port); (\(writes)) & timeout 20 cat <&3"
        return try await Program("bash", package: "bash").run(["-c", script]).standardOutput
    }

    /// Creates a key with curl.
    public func createKey(_ user: String, _ body: String = "{}") async throws -> (key: String, id: String) {
        let answer = try await curl("/zot/auth/apikey", "-u", user, "-d", body)
        let object = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any]
        guard let key = object?["apiKey"] as? String, let id = object?["uuid"] as? String else {
            throw NeverHappened(description: "no key: \(answer)")
        }
        return (key, id)
    }
}
