import Foundation

/// A real 389 Directory Server on a free port, for one test.
public final class Dirsrv: Sendable {
    /// Whether it can run here. CI does not pass over it: there it must.
    public static let canRun = getuid() == 0 || ProcessInfo.processInfo.environment["LATCHKEY_STRICT"] != nil

    public let url: String
    private let folder: TemporaryFolder
    private let process: RunningProcess

    /// Starts it and waits until it has its entries.
    /// - Parameter entries: LDIF with changes, below dc=example,dc=org.
    public init(entries: String) async throws {
        _ = try Program("ns-slapd", package: "389-ds-base")
        _ = try Program("ldapadd", package: "ldap-utils")
        folder = try TemporaryFolder()
        let port = try Ports.free()
        url = "ldap://127.0.0.1:\(port)"
        let script = Program(path: Slapd.repository.appending(path: "fixtures/dirsrv.sh").path)
        let folder = folder
        let running = try script.start(
            ["\(port)", try folder.write("entries", entries)], output: folder.url("log"), error: folder.url("errors"))
        process = running
        try await eventually("389-ds is ready", within: .seconds(120)) {
            guard running.isRunning else {
                throw NeverHappened(description: "389-ds ended: \(try folder.text("errors"))")
            }
            return try folder.text("log").contains("ready")
        }
    }

    deinit { process.signal(SIGTERM) }
}
