import Foundation
import TestSupport
import Testing

@testable import latchkey

@Suite("An audit file has one writer")
struct AuditLockTests {
    private let trail: TrailFile

    init() throws { trail = try TrailFile() }

    private func refusal(_ path: String) -> String? {
        do {
            let writer = try LineWriter(auditFile: path, signer: nil) { "\($0)" }
            writer.close()
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test("A second one is refused, by whatever path it comes, until the first has let go")
    func second() throws {
        let first = try trail.writer()
        let link = trail.folder.path("link.log")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: trail.path)
        let hard = trail.folder.path("hard.log")
        try FileManager.default.linkItem(atPath: trail.path, toPath: hard)
        for path in [trail.path, link, hard, trail.folder.path("./audit.log")] {
            #expect(
                refusal(path)?.contains(
                    "another server writes to this audit file: stop that one, or give each a file of its own") == true)
        }
        #expect(refusal(trail.folder.path("other.log")) == nil)
        first.close()
        #expect(refusal(trail.path) == nil && refusal(link) == nil)
    }

    @Test("The lock is there over a rotation by a new name, by copying, and when told to open the file anew")
    func rotation() async throws {
        let first = try trail.writer()
        func write(_ number: Int) async throws {
            first.write(TrailFile.line(number))
            try await eventually("it is written") {
                (try? trail.folder.text("audit.log").contains("user \(number) ")) == true
            }
        }
        try await write(0)
        try FileManager.default.moveItem(atPath: trail.path, toPath: trail.path + ".1")
        // Before the first has seen it: there is a new file, but the one beside it is still the first's.
        #expect(refusal(trail.path)?.contains("another server writes") == true)
        try await write(1)
        #expect(refusal(trail.path)?.contains("another server writes") == true)
        // The old one is nobody's.
        #expect(refusal(trail.path + ".1") == nil)
        try FileManager.default.copyItem(atPath: trail.path, toPath: trail.path + ".0")
        let handle = try FileHandle(forWritingTo: URL(filePath: trail.path))
        try handle.truncate(atOffset: 0)
        try handle.close()
        try await write(2)
        #expect(refusal(trail.path)?.contains("another server writes") == true)
        try FileManager.default.moveItem(atPath: trail.path, toPath: trail.path + ".2")
        first.reopen()
        try await eventually("there is a new one") { FileManager.default.fileExists(atPath: trail.path) }
        try await write(3)
        #expect(refusal(trail.path)?.contains("another server writes") == true)
        first.close()
        #expect(try trail.verify("audit.log.1", "audit.log.0", "audit.log.2", "audit.log").count == 4)
    }

    @Test(
        "A file that another writer has taken in the middle of a rotation is left to it: lines go on into the one that was moved away"
    )
    func taken() throws {
        let first = try trail.writer()
        try FileManager.default.moveItem(atPath: trail.path, toPath: trail.path + ".1")
        try FileManager.default.removeItem(atPath: trail.path + ".head")
        let second = try trail.writer()
        second.write(TrailFile.line(7))
        second.close(after: [])
        let third = try trail.writer()
        first.write(TrailFile.line(0))
        first.close()
        third.close()
        #expect(try trail.folder.text("audit.log.1").contains("user 0 ") && trail.lines.count == 1)
        #expect(try trail.verify("audit.log.1").count == 1 && trail.verify("audit.log").count == 1)
    }

    @Test("A second server on the file of a running one ends with a sentence; on a file of its own it runs")
    func servers() async throws {
        try trail.folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        func configuration(_ port: Int, _ audit: String) -> String {
            "http: { port: \(port), auth: { failDelay: 0, htpasswd: { path: htpasswd } } }\nlog: { audit: \(audit) }\n"
        }
        let first = try await Latchkey(configuration: { configuration($0, "audit.log") }, folder: trail.folder)
        try FileManager.default.createSymbolicLink(
            atPath: trail.folder.path("link.log"), withDestinationPath: trail.path)
        for name in ["audit.log", "link.log"] {
            let path = try trail.folder.write("second.yaml", configuration(try Ports.free(), name))
            let second = try await Latchkey.program.run(["serve", "--config", path])
            #expect(second.status == 2)
            #expect(
                second.standardError.contains("\(name): another server writes to this audit file"),
                "\(second)")
            // Looking at a configuration is no writing.
            #expect(try await Latchkey.program.run(["check", "--config", path]).status == 0)
        }
        let other = try TemporaryFolder()
        try other.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let third = try await Latchkey(configuration: { configuration($0, "audit.log") }, folder: other)
        for server in [first, third] { #expect(try await server.curl("/v2/", "-u", "amy:apple").status == "200") }
        #expect(await first.stop() == 0)
        #expect(await third.stop() == 0)
        #expect(try trail.verify().crashes.isEmpty)
    }
}
