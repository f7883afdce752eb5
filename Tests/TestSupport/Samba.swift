import Foundation

/// A real Active Directory domain controller (Samba's) with the people of fixtures/samba.sh, for one test at each address: its
/// ports are fixed.
public final class Samba: Sendable {
    /// Whether it can run here. CI does not pass over it: there it must.
    public static let canRun = getuid() == 0 || ProcessInfo.processInfo.environment["LATCHKEY_STRICT"] != nil

    public let url: String
    private let folder: TemporaryFolder
    private let process: RunningProcess

    /// Starts it and waits until it answers.
    /// - Parameter address: a loopback address that no other test uses for it.
    public init(address: String = "127.0.0.77") async throws {
        _ = try Program("samba", package: "samba samba-dsdb-modules samba-ad-provision samba-vfs-modules python3-samba")
        guard !Ports.isOpen(389, on: address) else {
            throw NeverHappened(
                description: "something answers at \(address):389 already, such as samba of a run that was killed")
        }
        folder = try TemporaryFolder()
        let script = Program(path: Slapd.repository.appending(path: "fixtures/samba.sh").path)
        url = "ldap://\(address)"
        let (folder, url) = (folder, url)
        let running = try script.start(
            [folder.path("ad"), address], output: folder.url("log"), error: folder.url("log"))
        process = running
        let search = try Program("ldapsearch", package: "ldap-utils")
        try await eventually("samba answers", within: .seconds(120)) {
            guard running.isRunning else { throw NeverHappened(description: "samba ended: \(try folder.text("log"))") }
            return try await search.run(["-x", "-H", url, "-b", "", "-s", "base"]).status == 0
        }
    }

    deinit { process.signal(SIGKILL) }
}
