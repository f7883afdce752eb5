import Foundation

/// Keeps an SQLite store from being written, as a full disk or another program does.
public struct LockedStore: Sendable {
    private let writer: RunningProcess

    /// Locks it.
    /// - Parameter folder: the folder of a server whose data folder is `data`.
    public init(_ folder: TemporaryFolder) async throws {
        let script = """
            import signal, sqlite3, sys
            store = sqlite3.connect(sys.argv[1], isolation_level=None)
            store.execute("BEGIN IMMEDIATE")
            print("locked", flush=True)
            signal.pause()
            """
        writer = try Program("python3", package: "python3").start(
            ["-c", script, folder.path("data/latchkey.sqlite")], output: folder.url("writer"),
            error: folder.url("writer.err"))
        try await eventually("another has the store") { try folder.text("writer").contains("locked") }
    }

    /// Gives it free.
    public func end() async {
        writer.signal(SIGKILL)
        _ = await writer.waitForExit()
    }
}
