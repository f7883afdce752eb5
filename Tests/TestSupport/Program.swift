public import Foundation
import Synchronization

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

    /// Uses the program at a path.
    public init(path: String) {
        self.path = path
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
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = try input.map { try FileHandle(forReadingFrom: $0) } ?? FileHandle.nullDevice
        process.standardOutput = try Self.writing(to: output)
        process.standardError = output == error ? process.standardOutput : try Self.writing(to: error)
        return try RunningProcess(process)
    }

    private static func writing(to url: URL) throws -> FileHandle {
        _ = FileManager.default.createFile(atPath: url.path, contents: nil)
        let handle = try FileHandle(forWritingTo: url)
        try handle.seekToEnd()
        return handle
    }
}

/// A program that runs.
public final class RunningProcess: Sendable {
    private struct State {
        var status: Int32?
        var waiting: [CheckedContinuation<Int32, Never>] = []
    }

    private static let starting = Mutex(())
    private let state = Mutex(State())
    public let identifier: Int32

    /// Starts a process. Only this initializer touches the `Process`; afterwards it is known by its number alone.
    init(_ process: Process) throws {
        let ended = Ended()
        process.terminationHandler = { ended.tell($0.terminationStatus) }
        // Foundation crashed once in a run that started several programs at the same moment: one after the other.
        try Self.starting.withLock { _ in try process.run() }
        identifier = process.processIdentifier
        ended.listen { [state = self] status in state.end(status) }
    }

    public var isRunning: Bool { state.withLock { $0.status == nil } }

    public func signal(_ number: Int32) {
        if isRunning { kill(identifier, number) }
    }

    /// Waits until the program has ended.
    public func waitForExit() async -> Int32 {
        await withCheckedContinuation { continuation in
            let status: Int32? = state.withLock {
                if let status = $0.status { return status }
                $0.waiting.append(continuation)
                return nil
            }
            if let status { continuation.resume(returning: status) }
        }
    }

    private func end(_ status: Int32) {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            state.status = status
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: status) }
    }
}

/// Carries the end of a process to whoever listens, in whichever order the two come.
private final class Ended: Sendable {
    private let state = Mutex<(status: Int32?, listener: (@Sendable (Int32) -> Void)?)>((nil, nil))

    func tell(_ status: Int32) {
        let listener = state.withLock { state in
            state.status = status
            return state.listener
        }
        listener?(status)
    }

    func listen(_ listener: @escaping @Sendable (Int32) -> Void) {
        let status = state.withLock { state in
            state.listener = listener
            return state.status
        }
        if let status { listener(status) }
    }
}
