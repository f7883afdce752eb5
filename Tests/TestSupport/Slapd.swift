public import Foundation

/// A real slapd with the directory of fixtures/, on a free port, for one test.
public final class Slapd: Sendable {
    /// The repository.
    public static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    public let port: Int
    private let urls: String
    private let host: NetworkHost?
    private let folder: TemporaryFolder
    private let certificates: Certificates?
    private let clientAuthority: String?
    private let process: Box

    /// Holds the process that runs now: a test may stop it and start it again.
    private final class Box: @unchecked Sendable {  // tests start and stop it from one task
        var running: RunningProcess?
    }

    /// Starts it and waits until it answers.
    /// - Parameters:
    ///   - scheme: `ldap` or `ldaps`.
    ///   - certificates: what it shows in TLS; needed for StartTLS and ldaps.
    ///   - requiresClientCertificate: whether it wants one, signed by the same authority.
    ///   - configuration: more lines of slapd.conf, for the database.
    ///   - entries: more entries, in LDIF.
    ///   - host: where it runs; nil for loopback.
    public init(
        scheme: String = "ldap", certificates: Certificates? = nil, requiresClientCertificate: Bool = false,
        configuration: String = "", entries: String = "", host: NetworkHost? = nil
    ) async throws {
        _ = try Program("slapd", package: "slapd")
        folder = try TemporaryFolder()
        port = try Ports.free()
        self.host = host
        urls = "\(scheme)://\(host?.address ?? "127.0.0.1"):\(port)/"
        self.certificates = certificates
        _ = try folder.write("configuration", configuration + "\n")
        _ = try folder.write("entries", "\n" + entries + "\n")
        clientAuthority = requiresClientCertificate ? certificates?.authority : nil
        process = Box()
        try await start()
    }

    deinit { process.running?.signal(SIGKILL) }

    /// The URL of the directory.
    public var url: String { String(urls.dropLast()) }

    /// Starts it again, on the same port and with the same data.
    public func start() async throws {
        let script = Program(path: Self.repository.appending(path: "fixtures/slapd.sh").path)
        var arguments = [folder.path("slapd"), urls]
        if let certificates { arguments += [certificates.certificate, certificates.key] }
        let (program, words) = host?.command(script, arguments) ?? (script, arguments)
        let running = try program.start(
            words, output: folder.url("log"), error: folder.url("log"),
            environment: [
                "SLAPD_CONFIGURATION": folder.path("configuration"), "SLAPD_ENTRIES": folder.path("entries"),
                "SLAPD_CLIENT_AUTHORITY": clientAuthority ?? "",
            ])
        process.running = running
        let (log, port, address) = (folder, port, host?.address ?? "127.0.0.1")
        // Filling a large directory takes its time on a machine that is busy; a slapd that ends is told at once.
        try await eventually("slapd listens on \(port)", within: .seconds(120)) {
            guard running.isRunning else { throw NeverHappened(description: "slapd ended: \(try log.text("log"))") }
            return Ports.isOpen(port, on: address)
        }
    }

    /// Sends a signal to it.
    public func signal(_ number: Int32) {
        process.running?.signal(number)
    }

    /// Makes it a server that takes connections and never answers, and waits until it has stopped to.
    public func freeze() async throws {
        guard let running = process.running else { return }
        running.signal(SIGSTOP)
        let threads = "/proc/\(running.identifier)/task"
        try await eventually("each thread of slapd is stopped") {
            try FileManager.default.contentsOfDirectory(atPath: threads).allSatisfy { thread in
                let status = String(
                    decoding: try Data(contentsOf: URL(filePath: "\(threads)/\(thread)/status")), as: UTF8.self)
                return status.contains("State:\tT")
            }
        }
    }

    /// Stops it and waits until it is gone.
    public func stop() async {
        process.running?.signal(SIGCONT)
        process.running?.signal(SIGTERM)
        _ = await process.running?.waitForExit()
    }
}
