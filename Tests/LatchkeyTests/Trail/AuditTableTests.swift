import Credentials
import Foundation
import Logging
import TestSupport
import Testing

@testable import latchkey

/// Tries each row of the table in docs/audit.md at a real server's trail, and compares the page with what was seen.
@Suite("Who can change what of the trail without being seen", .serialized)
struct AuditTableTests {
    private let trail: TrailFile
    private var folder: TemporaryFolder { trail.folder }

    init() throws { trail = try TrailFile() }

    /// What is done while the server is stopped, by its words in the table.
    private static let deeds: [(who: String, what: String, deed: @Sendable (AuditTableTests) async throws -> Void)] = [
        ("the file", "changes, removes or puts in a line before the last", { try $0.changeOneLine() }),
        ("the file", "cuts off its end", { try $0.cut(to: 9) }),
        ("the file", "changes its last line", { try $0.changeLast() }),
        ("the file", "cuts it off behind a checkpoint, and gives that another time", { try $0.cutAndFreshen() }),
        ("the file", "puts lines behind its end", { try $0.putBehind() }),
        ("the file", "puts lines behind its end that begin with a start", { try $0.putStartBehind() }),
        ("the file", "puts text behind its end that is no line", { try $0.putTextBehind() }),
        ("the file", "writes it anew, with later numbers, as after a rotation", { try $0.writeLater() }),
        (
            "the file", "writes all of it anew, with signatures of their own or without",
            { try await $0.writeAnew(head: false) }
        ),
        ("the file and its head", "cuts off its end", { try $0.cut(to: 9, head: true) }),
        ("the file and its head", "changes its last line", { try $0.changeLast(head: true) }),
        ("the file and its head", "writes all of it anew", { try await $0.writeAnew(head: true) }),
        (
            "the file and its head", "puts lines behind its end that begin with a start",
            { try $0.putStartBehind(head: true) }
        ),
        (
            "the file and its head, and the server was killed", "changes lines behind the last checkpoint",
            { try await $0.changeUnsigned() }
        ),
        ("file, head and store", "cuts off its end", { try await $0.cutAndTellStore(to: 7) }),
        ("file, head and store", "writes all of it anew", { try await $0.writeAnew(head: true, store: true) }),
        ("the file and the private key", "writes all of it anew", { try await $0.writeAnew(head: false, key: true) }),
        ("file, head and private key", "writes all of it anew", { try await $0.writeAnew(head: true, key: true) }),
        (
            "file, head, store and private key", "writes all of it anew",
            { try await $0.writeAnew(head: true, store: true, key: true) }
        ),
    ]

    private func server() async throws -> Latchkey {
        try await Latchkey(
            configuration: { port in
                """
                http: { port: \(port), auth: { failDelay: 0, htpasswd: { path: htpasswd }, apikey: true } }
                storage: { rootDirectory: data }
                log: { audit: { file: audit.log, sign: audit.key } }
                """
            }, folder: folder)
    }

    private static let kept = ["audit.log", "audit.log.head", "data", "audit.key", "audit.key.pub"]

    private func copy(_ from: String, _ to: String) throws {
        for name in Self.kept {
            let target = folder.path(to + name)
            if FileManager.default.fileExists(atPath: target) { try FileManager.default.removeItem(atPath: target) }
            try FileManager.default.copyItem(atPath: folder.path(from + name), toPath: target)
        }
    }

    @Test("Each row of the table in docs/audit.md is as it says")
    func table() async throws {
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        // Two runs, each with a start, a checkpoint, three refusals, an end and a checkpoint.
        for _ in 0..<2 {
            let server = try await server()
            for _ in 0..<3 { #expect(try await server.curl("/v2/", "-u", "amy:wrong").status == "401") }
            #expect(await server.stop() == 0)
        }
        try #require(try trail.lines.count == 14)
        try FileManager.default.createDirectory(at: folder.url("kept"), withIntermediateDirectories: true)
        try copy("", "kept/")
        var rows: [String] = []
        for (who, what, deed) in Self.deeds {
            try copy("kept/", "")
            try await deed(self)
            rows.append("| \(who) | \(what) | \(try await seen().joined(separator: " | ")) |")
        }
        let page = try String(
            contentsOf: Slapd.repository.appending(path: "docs/audit.md"), encoding: .utf8)
        let table = page.split(separator: "\n").drop { !$0.hasPrefix("| who can write | ") }.dropFirst(2)
            .prefix { $0.hasPrefix("|") }.map(String.init)
        #expect(table == rows, "\(rows.joined(separator: "\n"))")
    }

    /// Who sees it: the cells of a row.
    private func seen() async throws -> [String] {
        let last = try #require(
            try folder.text("kept/audit.log").split(separator: "\n").last?.firstMatch(of: #/"time":"([^"]+)"/#)
        ).output.1
        var cells: [String] = []
        for arguments in [[], ["--key", folder.path("audit.key.pub")], ["--config", folder.path("latchkey.yaml")]] {
            let output = try await Latchkey.program.run(["audit", "verify"] + arguments + [trail.path])
            #expect([0, 1].contains(output.status), "\(output)")
            #expect(output.status == 0 || output.standardOutput.contains("tampering: "), "\(output)")
            let signed = output.standardOutput.firstMatch(of: #/ok: signed up to line \d+, at (\S+)/#)?.output.1
            cells.append(
                output.status == 1 ? "found" : signed.map { $0 < last ? "by its time" : "–" } ?? "–")
        }
        let server = try await server()
        #expect(await server.stop() == 0)
        let log = try folder.text("log")
        let told =
            log.contains("lines are missing at its end") || log.contains("was changed while the server was stopped")
            || log.contains("text was put behind line")
        let text = try folder.text("audit.log")
        let events = ["lines-missing", "line-changed", "lines-added"]
        #expect(told == events.contains { text.contains("\"event\":\"\($0)\"") })
        cells.append(told ? "found" : "–")
        if told {
            // It stays said.
            let output = try await Latchkey.program.run(["audit", "verify", trail.path])
            #expect(output.status == 1, "\(output)")
        }
        return cells
    }

    private func writeHead() throws {
        let lines = try trail.lines
        try folder.write("audit.log.head", TrailFile.head(lines.count, lines.last ?? ""))
    }

    private func writeStore() async throws {
        let configuration = try ConfigurationFile(path: folder.path("latchkey.yaml")).open()
        let store = try #require(try Assembly.store(configuration, Logger(label: "test"), false))
        let lines = try trail.lines
        try await store.noteCheckpoint(
            AuditCheckpoint(
                file: AuditCheckpoints.name(ofFile: trail.path), number: Int64(lines.count),
                hash: AuditHash(of: lines.last ?? "").description, date: .now), replacing: true)
        try store.shutDown()
    }

    private func changeOneLine() throws {
        let lines = try trail.lines
        let changes: [(inout [String]) -> Void] = [
            { $0[3] = $0[3].replacing("amy", with: "eve") }, { $0.remove(at: 3) }, { $0.insert($0[3], at: 3) },
        ]
        for change in changes {
            var changed = lines
            change(&changed)
            #expect(TrailFile.problem(changed) != nil)
            try trail.replace(changed)
        }
    }

    private func cut(to count: Int, head: Bool = false) throws {
        try trail.replace(try trail.lines.prefix(count))
        if head { try writeHead() }
    }

    private func cutAndTellStore(to count: Int) async throws {
        try cut(to: count, head: true)
        try await writeStore()
    }

    private func changeLast(head: Bool = false) throws {
        let lines = try trail.lines
        try trail.replace(lines.dropLast() + [lines[13].replacing(#""time":"2"#, with: #""time":"3"#)])
        if head { try writeHead() }
    }

    private func cutAndFreshen() throws {
        let lines = try trail.lines
        let time = try #require(lines[13].firstMatch(of: #/"time":"[^"]+"/#)).output
        let old = try #require(lines[6].firstMatch(of: #/"time":"[^"]+"/#)).output
        try trail.replace(lines.prefix(6) + [lines[6].replacing(old, with: time)])
    }

    private func putBehind() throws {
        let lines = try trail.lines
        var chain = AuditChain(number: 14, hash: AuditHash(of: lines[13]))
        try trail.replace(lines + [chain.linked(TrailFile.line(1))])
    }

    private func putStartBehind(head: Bool = false) throws {
        let lines = try trail.lines
        var chain = AuditChain(number: 14, hash: AuditHash(of: lines[13]))
        try trail.replace(lines + [TrailFile.started, TrailFile.line(1)].map { chain.linked($0) })
        if head { try writeHead() }
    }

    private func putTextBehind() throws {
        var chain = AuditChain(number: 14, hash: AuditHash(of: try trail.lines[13]))
        let line = chain.linked(TrailFile.started).replacing(#""seq":15,"#, with: #""seq": 15,"#)
        try trail.replace(try trail.lines + [line])
    }

    private func writeLater() throws {
        var chain = AuditChain(number: 1009, hash: AuditHash(of: "x"))
        let lines = [TrailFile.started] + (0..<4).map(TrailFile.line)
        try trail.replace(lines.map { chain.linked($0) })
    }

    private func writeFileAnew(head: Bool, key: Bool = false) throws {
        let lines = try trail.lines.map { $0.replacing("amy", with: "eve") }
        let (stranger, _) = try trail.signer("stranger.key")
        let bare = TrailFile.relinked(lines.filter { !$0.contains("checkpoint") }, AuditChain())
        #expect(TrailFile.problem(bare) == nil)
        let signer = key ? try AuditSigner(path: folder.path("audit.key")) : stranger
        try trail.replace(TrailFile.relinked(lines, AuditChain(signer: signer), isSigning: true))
        if head { try writeHead() }
    }

    private func writeAnew(head: Bool, store: Bool = false, key: Bool = false) async throws {
        try writeFileAnew(head: head, key: key)
        if store { try await writeStore() }
    }

    private func changeUnsigned() async throws {
        let server = try await server()
        // The store is told of the start: what comes now is what nobody but the file knows.
        try await eventually("the store knows the start") {
            try await Latchkey.program.run(["audit", "verify", "--config", folder.path("latchkey.yaml"), trail.path])
                .standardOutput.contains("ok: the store knows line 16,")
        }
        for _ in 0..<3 { #expect(try await server.curl("/v2/", "-u", "amy:wrong").status == "401") }
        try await eventually("they are written") { try trail.lines.count == 19 }
        await server.stop(SIGKILL)
        let lines = try trail.lines
        let kept = Array(lines.prefix(16))
        let changed = TrailFile.relinked(
            lines.dropFirst(16).map { $0.replacing("amy", with: "eve") },
            AuditChain(number: 16, hash: AuditHash(of: kept[15])))
        try trail.replace(kept + changed)
        try writeHead()
    }
}
