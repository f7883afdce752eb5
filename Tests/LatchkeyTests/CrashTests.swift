import Foundation
import TestSupport
import Testing

@Suite("A server that is killed in the middle of its work", .serialized)
struct CrashTests {
    /// `make crash` has 200 rounds of each.
    private static let rounds = 6

    private func crash(_ arguments: [String], by program: Program, _ before: [String] = []) async throws {
        let folder = try TemporaryFolder()
        let script = Slapd.repository.appending(path: "scripts/crash.py").path
        try await alone {
            let output = try await program.run(
                before + [script, Latchkey.program.path, "\(Self.rounds)", folder.root.path] + arguments)
            #expect(output.status == 0 && output.standardOutput.contains("all hold"), "\(output)")
        }
    }

    @Test("Whatever it had acknowledged holds, the audit file's chain is whole, and the store is sound")
    func killed() async throws {
        try await crash([], by: try Program("python3", package: "python3"))
    }

    @Test(
        "The same on a disk that is full for a part of the time: it recovers without help",
        .enabled("a disk of its own needs root, and a kernel that lets it mount") { try await Program.canMount })
    func fullDisk() async throws {
        try await crash(["--full-disk"], by: try Program("unshare", package: "util-linux"), ["-m", "python3"])
    }
}
