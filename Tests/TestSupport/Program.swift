public import Foundation

/// Runs programs that nobody here wrote, and waits for them without holding a thread.
public struct Program: Sendable {
    /// What a program left behind.
    public struct Output: Sendable {
        public let status: Int32
        public let standardOutput: String
        public let standardError: String
    }

    /// A program that a test needs and that is not there. Never a reason to skip a test.
    public struct Missing: Error, CustomStringConvertible {
        public let description: String
    }

    public let path: String
    /// Where it runs if a test names no other folder: one that has nothing of ours. What lies in the folder of whoever runs the tests is no part of
    /// them, whoever starts whom.
    private static let nowhere = URL(filePath: "/")

    /// Finds a program.
    /// - Parameters:
    ///   - name: its name.
    ///   - package: Debian's package, for the message if it is missing.
    public init(_ name: String, package: String) throws {
        let folders = ["/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin"]
        guard let folder = folders.first(where: { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") })
        else {
            throw Missing(description: "the test needs '\(name)': apt-get install \(package)")
        }
        path = "\(folder)/\(name)"
    }

    /// Finds a program of PyPI's.
    /// - Parameters:
    ///   - name: its name.
    ///   - distribution: what brings it, for the message if it is missing.
    public init(python name: String, distribution: String) throws {
        path = Slapd.repository.appending(path: ".build/python/bin/\(name)").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Missing(description: "the test needs '\(name)': scripts/install-python.sh \(distribution)")
        }
    }

    /// Uses the program at a path.
    public init(path: String) { self.path = path }

    /// Whether a test may mount something that only the program it starts sees: that needs root, and a kernel that allows it.
    public static var canMount: Bool {
        get async throws { try await Program("unshare", package: "util-linux").run(["-m", "true"]).status == 0 }
    }

    /// Runs the program to its end.
    public func run(
        _ arguments: [String], input: Data = Data(), folder: URL? = nil, environment: [String: String] = [:]
    ) async throws -> Output {
        let files = try TemporaryFolder()
        try input.write(to: files.url("in"))
        let process = try start(
            arguments, input: files.url("in"), output: files.url("out"), error: files.url("err"), folder: folder,
            environment: environment)
        let status = await process.waitForExit()
        return Output(
            status: status, standardOutput: try files.text("out"), standardError: try files.text("err"))
    }

    /// Starts the program and leaves it running.
    public func start(
        _ arguments: [String], input: URL? = nil, output: URL, error: URL, folder: URL? = nil,
        environment: [String: String] = [:]
    ) throws -> RunningProcess {
        try RunningProcess(
            path, arguments, input: input?.path ?? "/dev/null", output: output.path, error: error.path,
            folder: (folder ?? Self.nowhere).path,
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 })
    }
}
