public import Foundation

/// A real PostgreSQL, started for one test on a free port, with a database and a user.
public final class PostgreSQL: Sendable {
    public static let (user, password, database) = ("latchkey", "a secret: with odd 'signs'", "latchkey")

    public let port: Int
    private let folder: TemporaryFolder
    private let process: Running

    /// The server's process, which a test may stop and start again.
    private final class Running: Sendable {
        let program: Program
        let arguments: [String]
        let folder: TemporaryFolder

        init(_ program: Program, _ arguments: [String], _ folder: TemporaryFolder) {
            (self.program, self.arguments, self.folder) = (program, arguments, folder)
        }
    }

    private static func program(_ name: String) throws -> Program {
        let folders = (14...18).reversed().map { "/usr/lib/postgresql/\($0)/bin" }
        guard let folder = folders.first(where: { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") })
        else { throw Program.Missing(description: "the test needs '\(name)': apt-get install postgresql") }
        return Program(path: "\(folder)/\(name)")
    }

    /// The words before a program that must not run as root.
    private static var asNobody: [String] {
        getuid() == 0 ? ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []
    }

    private static func run(_ program: Program, _ arguments: [String]) async throws -> Program.Output {
        let words = asNobody + [program.path] + arguments
        return try await Program(path: words[0]).run(Array(words.dropFirst()), folder: URL(filePath: "/"))
    }

    /// Makes a database, and starts the server.
    /// - Parameter settings: more of its configuration.
    public init(_ settings: [String] = []) async throws {
        folder = try TemporaryFolder()
        port = try Ports.free()
        let data = folder.path("data")
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        for path in [folder.root.path, data] { chmod(path, 0o711) }
        if getuid() == 0 {
            let owner = try await Program("chown", package: "coreutils").run(["postgres:postgres", data])
            guard owner.status == 0 else { throw NeverHappened(description: "chown: \(owner.standardError)") }
        }
        try folder.write("password", Self.password + "\n")
        chmod(folder.path("password"), 0o644)
        let made = try await Self.run(
            try Self.program("initdb"),
            [
                "-D", data, "-U", Self.user, "-A", "scram-sha-256", "--pwfile", folder.path("password"), "-N", "-E",
                "UTF8",
            ])
        guard made.status == 0 else { throw NeverHappened(description: "initdb: \(made.standardError)") }
        let arguments =
            Self.asNobody + [
                try Self.program("postgres").path, "-D", data, "-p", "\(port)", "-h", "127.0.0.1", "-k", data, "-c",
                "fsync=off", "-c", "log_min_messages=warning",
            ] + settings.flatMap { ["-c", $0] }
        process = Running(Program(path: arguments[0]), Array(arguments.dropFirst()), folder)
        try await start()
        let created = try await psql("CREATE DATABASE \(Self.database)", database: "postgres")
        guard created.status == 0 else { throw NeverHappened(description: "psql: \(created.standardError)") }
    }

    private let current = Holder()
    private final class Holder: @unchecked Sendable {
        // Touched by one test at a time: starting and stopping are its own steps.
        var process: RunningProcess?
    }

    deinit { current.process?.signal(SIGQUIT) }

    /// Starts the server again.
    public func start() async throws {
        let running = try process.program.start(
            process.arguments, output: folder.url("log"), error: folder.url("log"), folder: URL(filePath: "/"))
        current.process = running
        let port = port
        try await eventually("PostgreSQL answers", within: .seconds(60)) {
            guard running.isRunning else { throw NeverHappened(description: "it ended: \(try folder.text("log"))") }
            guard Ports.isOpen(port) else { return false }
            return try await psql("SELECT 1", database: "postgres").status == 0
        }
    }

    /// Stops it.
    /// - Parameter signal: SIGINT for a fast end, SIGQUIT for a crash.
    public func stop(_ signal: Int32 = SIGINT) async {
        current.process?.signal(signal)
        _ = await current.process?.waitForExit()
    }

    /// Holds all its processes, as a network that is cut would: nothing is refused, nothing is answered.
    public func freeze() async throws { try await signalAll("-STOP") }

    /// Lets them go on.
    public func thaw() async throws { try await signalAll("-CONT") }

    private func signalAll(_ signal: String) async throws {
        _ = try await Program("pkill", package: "procps").run([signal, "-f", folder.path("data")])
        let parent = try folder.text("data/postmaster.pid").split(separator: "\n").first.map(String.init) ?? ""
        _ = try await Program("pkill", package: "procps").run([signal, "-P", parent])
    }

    /// Runs SQL by psql.
    @discardableResult
    public func psql(_ sql: String, database: String = PostgreSQL.database) async throws -> Program.Output {
        try await Program("psql", package: "postgresql-client").run(
            ["-h", "127.0.0.1", "-p", "\(port)", "-U", Self.user, "-d", database, "-Atqc", sql],
            environment: ["PGPASSWORD": Self.password])
    }

    /// Makes one more database, for a test of its own.
    /// - Returns: where it is, as libpq has it, but for the password.
    public func newDatabase() async throws -> String {
        let name = "test_" + UUID().uuidString.lowercased().replacing("-", with: "")
        let made = try await psql("CREATE DATABASE \(name)", database: "postgres")
        guard made.status == 0 else { throw NeverHappened(description: "psql: \(made.standardError)") }
        return connection(to: name)
    }

    /// Where a database is, as libpq has it, but for the password.
    public func connection(to database: String = PostgreSQL.database) -> String {
        "host=127.0.0.1 port=\(port) user=\(Self.user) dbname=\(database)"
    }

    /// One that many tests share, each with a database of its own.
    public static func shared() async throws -> PostgreSQL { try await sharing.get() }

    private static let sharing = Sharing()
    private actor Sharing {
        private var starting: Task<PostgreSQL, any Error>?

        func get() async throws -> PostgreSQL {
            let task = starting ?? Task { try await PostgreSQL() }
            starting = task
            return try await task.value
        }
    }
}
