import Credentials
import Foundation

/// A program that runs.
///
/// Started with posix_spawn: Foundation's `Process.run()` crashed now and then (a memcpy past the end of a page, with
/// Swift 6.3.1) when tests started many programs.
public final class RunningProcess: Sendable {
    /// What kept a program from starting.
    struct StartError: Error, CustomStringConvertible {
        let description: String
    }

    private struct State {
        var status: Int32?
        var waiting: [CheckedContinuation<Int32, Never>] = []
    }

    private let state = Locked(State())
    public let identifier: Int32

    /// Starts a program. Its output starts its files afresh.
    init(
        _ path: String, _ arguments: [String], input: String, output: String, error: String, folder: String?,
        environment: [String: String]
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, flags, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, error, flags, 0o644)
        // Programs start as a shell would start them: with no signal blocked.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var process: pid_t = 0
        // posix_spawn's own way to another folder is hidden from Swift; env goes there and becomes the program.
        let words = (folder.map { ["/usr/bin/env", "--chdir=\($0)"] } ?? []) + [path] + arguments
        let code = Self.withCStrings(words) { arguments in
            Self.withCStrings(environment.map { "\($0)=\($1)" }) { environment in
                posix_spawn(&process, words[0], &actions, &attributes, arguments, environment)
            }
        }
        guard code == 0 else {
            throw StartError(description: "\(path) can't be started: \(String(cString: strerror(code)))")
        }
        identifier = process
        Thread { [self] in waitForEnd() }.start()
    }

    public var isRunning: Bool { state.withLock { $0.status == nil } }

    public func signal(_ number: Int32) {
        if isRunning { kill(identifier, number) }
    }

    /// Waits until the program has ended.
    /// - Returns: its exit status, or the number of the signal that ended it.
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

    private func waitForEnd() {
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        let result = signal == 0 ? (status >> 8) & 0xFF : signal
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            state.status = result
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: result) }
    }

    private static func withCStrings<T>(
        _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> T
    ) -> T {
        let copies = texts.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return body(copies)
    }
}
