import Credentials
import Foundation
import Logging
import TestSupport
import Testing

@testable import Htpasswd

@Suite("The htpasswd source")
struct HtpasswdSourceTests {
    private let lane = WorkLane(name: "hashing", threads: 2, maximumQueued: 100)

    private func source(_ path: String, _ change: (inout HtpasswdSource.Options) -> Void = { _ in }) async throws
        -> HtpasswdSource
    {
        var options = HtpasswdSource.Options()
        change(&options)
        return try await HtpasswdSource(
            path: path, hashing: lane, options: options, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private func hash(_ password: String) async throws -> String {
        let output = try await Program("htpasswd", package: "apache2-utils").run(["-nbs", "u", password])
        return String(output.standardOutput.split(separator: "\n")[0].dropFirst(2))
    }

    private func says(_ source: HtpasswdSource, _ user: String, _ password: String) async -> String {
        switch await source.judge(.init(userName: UserName(user), secret: Secret(password))) {
        case .authenticated(let principal): principal.userName.text
        case .rejected(let reason, _): reason.rawValue
        case .unknownUser: "unknown"
        case .unavailable(let failure): failure.code.rawValue
        }
    }

    /// Runs a test beside the watcher of its source.
    private func watched(_ source: HtpasswdSource, _ body: () async throws -> Void) async throws {
        let watcher = Task { await source.watch() }
        defer { watcher.cancel() }
        try await body()
    }

    @Test("A password, a wrong one, an unknown user and an unusable entry each get their verdict")
    func verdicts() async throws {
        let folder = try TemporaryFolder()
        let source = try await source(try folder.write("f", "amy:\(try await hash("apple"))\nlocked:!\n"))
        #expect(await says(source, "amy", "apple") == "amy")
        #expect(await says(source, "amy", "pear") == "wrong-password")
        #expect(await says(source, "Amy", "apple") == "unknown")
        #expect(await says(source, "locked", "!") == "unusable-entry")
    }

    @Test("A file that is written in place, replaced by rename or behind a switched link is read again")
    func reload() async throws {
        let folder = try TemporaryFolder()
        let (apple, pear) = (try await hash("apple"), try await hash("pear"))
        try FileManager.default.createDirectory(at: folder.url("v1"), withIntermediateDirectories: true)
        try FileManager.default.createDirectory(at: folder.url("v2"), withIntermediateDirectories: true)
        try folder.write("v1/f", "amy:\(apple)\n")
        try FileManager.default.createSymbolicLink(atPath: folder.path("data"), withDestinationPath: "v1")
        let source = try await source(folder.path("data/f"))
        // It takes a second on a machine that has one to spare: here other tests hash, and reading gives way to all else.
        try await watched(source) {
            try folder.write("v1/f", "amy:\(pear)\n")
            try await eventually("written in place") {
                await says(source, "amy", "pear") == "amy"
            }

            try folder.write("new", "amy:\(apple)\n")
            #expect(rename(folder.path("new"), folder.path("v1/f")) == 0)
            try await eventually("renamed") { await says(source, "amy", "apple") == "amy" }

            // As the kubelet switches a secret: a new link is renamed over the old one.
            try folder.write("v2/f", "zoe:\(pear)\n")
            try FileManager.default.createSymbolicLink(atPath: folder.path("data-new"), withDestinationPath: "v2")
            #expect(rename(folder.path("data-new"), folder.path("data")) == 0)
            try await eventually("link switched") { await says(source, "zoe", "pear") == "zoe" }
            #expect(await says(source, "amy", "apple") == "unknown")
        }
    }

    @Test("A broken or missing new file leaves the old users in force and is reported, and a mended one ends that")
    func broken() async throws {
        let folder = try TemporaryFolder()
        let line = "amy:\(try await hash("apple"))\n"
        let source = try await source(try folder.write("f", line))
        try await watched(source) {
            try folder.write("f", "<html>this is no htpasswd file</html>\n")
            try await eventually("reported") { if case .degraded = await source.state() { true } else { false } }
            #expect(await says(source, "amy", "apple") == "amy")
            try folder.write("f", line)
            try await eventually("mended") { if case .ready = await source.state() { true } else { false } }
            try FileManager.default.removeItem(at: folder.url("f"))
            try await eventually("missing") { if case .degraded = await source.state() { true } else { false } }
            #expect(await says(source, "amy", "apple") == "amy")
            try folder.write("f", line)
            try await eventually("back again") { if case .ready = await source.state() { true } else { false } }
        }
    }

    @Test("A file that is missing, a folder, or has no user's line is an error at the start that names the path")
    func startErrors() async throws {
        let folder = try TemporaryFolder()
        for path in [folder.path("none"), folder.root.path, try folder.write("f", "no colon\n")] {
            let error = await #expect(throws: HtpasswdFileError.self) { try await source(path) }
            #expect(error?.description.contains(path) == true)
        }
    }

    @Test("A key's owner is found, absent, or disabled")
    func lookUp() async throws {
        let folder = try TemporaryFolder()
        let source = try await source(try folder.write("f", "amy:\(try await hash("apple"))\nlocked:!\n"))
        guard case .found(let principal) = await source.lookUp(userName: "amy"),
            case .disabled = await source.lookUp(userName: "locked"),
            case .absent = await source.lookUp(userName: "zoe")
        else {
            Issue.record("wrong answers")
            return
        }
        #expect(principal.userName == "amy" && principal.source == .htpasswd)
    }

    @Test("A lane that is full makes the source unavailable, not wrong")
    func overloaded() async throws {
        let folder = try TemporaryFolder()
        let stopped = WorkLane(name: "stopped", threads: 1, maximumQueued: 0)
        stopped.stop()
        let source = try await HtpasswdSource(
            path: try folder.write("f", "amy:\(try await hash("apple"))\n"), hashing: stopped,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        #expect(await says(source, "amy", "apple") == "overloaded")
    }
}
