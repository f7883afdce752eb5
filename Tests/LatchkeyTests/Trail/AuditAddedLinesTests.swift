import Credentials
import Foundation
import TestSupport
import Testing

@testable import latchkey

@Suite("Lines that somebody has put into an audit file while the server was stopped")
struct AuditAddedLinesTests {
    private let trail: TrailFile

    init() throws { trail = try TrailFile() }

    private func finding() throws -> AuditFinding? {
        let writer = try trail.writer()
        writer.close()
        return writer.opening?.finding
    }

    private func head() throws -> AuditWitness {
        AuditWitness(try #require(AuditHead.read(besides: trail.path)), file: trail.path)
    }

    private static let lost = LogLine.json([("event", "lines-lost"), ("count", "1")])

    @Test(
        "Behind an end in order nothing can stand, whatever it begins with: verify and the next start say so",
        arguments: [false, true], [TrailFile.started, lost])
    func behindTheEnd(isSigned: Bool, first: String) throws {
        let (signer, key) = try trail.signer()
        try trail.run(0..<3, isSigned ? signer : nil)
        let (lines, witness) = (try trail.lines, try head())
        let number = UInt64(lines.count)
        var chain = AuditChain(number: number, hash: AuditHash(of: try #require(lines.last)))
        try trail.replace(lines + [first, TrailFile.line(7)].map { chain.linked($0) })
        let problem = TrailFile.problem(try trail.lines, witnesses: [witness])
        #expect(problem?.hasPrefix("audit.log:\(number + 1): this line was put in: the server had stopped") == true)
        #expect(try finding() == AuditFinding(.head, .added(found: number + 2), number: number))
        // Told before anything is signed, and it stays told.
        try trail.run(8..<9, isSigned ? signer : nil)
        let told = try trail.verify(keys: isSigned ? [key] : [])
        #expect(
            told.findings.texts == [
                "\(trail.path):\(number + 4): the server found text that was put in when it opened the file, behind line \(number) and up to line \(number + 2): the file beside it showed that no server had written it"
            ])
        #expect(try finding() == nil, "it is told once")
    }

    @Test(
        "After a crash the lines of the last batch may lie behind the head, and a server that was started meanwhile goes on"
    )
    func behindTheHead() throws {
        try trail.write(0..<5)
        let (lines, witness) = (try trail.lines, try head())
        var chain = AuditChain(number: 5, hash: AuditHash(of: lines[4]))
        let more = lines + [chain.linked(TrailFile.line(5))]
        try trail.replace(more)
        #expect(TrailFile.problem(more, witnesses: [witness]) == nil)
        #expect(try finding() == nil)

        try trail.run(6..<7)
        let stopped = try head()
        try trail.run(7..<8)
        var verifier = AuditVerifier(witnesses: [stopped])
        verifier.begin("audit.log")
        try verifier.take(Array(try trail.lines.map { $0 + "\n" }.joined().utf8).span)
        var same = verifier
        #expect(throws: AuditVerifier.Tampering.self) { try same.finish(head: stopped.number) }
        try verifier.finish(head: try head().number)
    }

    @Test("The store alone knows the end too, and is only behind where the head knows a later line")
    func store() throws {
        try trail.run(0..<3)
        let end = try trail.lines
        let store = AuditWitness(
            AuditCheckpoint(
                file: "x", number: Int64(end.count), hash: AuditHash(of: end[end.count - 1]).description, date: .now))
        try trail.run(3..<5)
        let writer = try trail.writer()
        writer.close()
        #expect(writer.opening?.finding(by: store) == nil)
        #expect(TrailFile.problem(try trail.lines, witnesses: [store, try head()]) == nil)
        try FileManager.default.removeItem(atPath: trail.path + ".head")
        let second = try trail.writer()
        second.close()
        #expect(second.opening?.finding(by: store)?.kind == .added(found: UInt64(try trail.lines.count)))
        #expect(TrailFile.problem(try trail.lines, witnesses: [store])?.contains("was put in") == true)
    }

    @Test("A file with later numbers is no rotation unless its first line leads to the last one that is known")
    func laterNumbers() throws {
        try trail.write(0..<10)
        let (lines, witness) = (try trail.lines, try head())
        func forged(_ number: UInt64, _ hash: AuditHash) -> [String] {
            var chain = AuditChain(number: number, hash: hash)
            return [TrailFile.started, TrailFile.line(1), TrailFile.line(2)].map { chain.linked($0) }
        }
        // What a rotation leaves.
        let sound = forged(10, AuditHash(of: lines[9]))
        try trail.replace(sound)
        #expect(TrailFile.problem(sound, witnesses: [witness]) == nil)
        #expect(try finding() == nil)
        for (number, words) in [
            (UInt64(10), "audit.log:1: this line, or the one before it, was changed: "),
            (1009, "audit.log:1: lines 11 to 1009 are missing before this one, the first: "),
        ] {
            let lines = forged(number, AuditHash(of: "x"))
            try trail.replace(lines)
            #expect(TrailFile.problem(lines) == nil)
            #expect(TrailFile.problem(lines, witnesses: [witness])?.hasPrefix(words) == true)
            #expect(try finding() == AuditFinding(.head, .changed, number: 10))
        }
    }

    @Test(
        "A text behind an end that a line feed ends was not cut short, nor one behind a signed end that begins as no line does",
        arguments: [false, true],
        [
            (#"{"v":1, "seq":8}"# + "\n", true), (#"{"v":1,"seq":8,"x":{"y":1}}"# + "\n", true), ("x\n", true),
            ("\n", true), ("x", false), (#"{"v":1,"seq":80,"#, false),
        ])
    func text(isSigned: Bool, text: (String, isWhole: Bool)) throws {
        let (signer, _) = try trail.signer()
        try trail.run(0..<3, isSigned ? signer : nil)
        let before = try trail.folder.text("audit.log")
        try trail.folder.write("audit.log", before + text.0)
        // Eight is not the next number here.
        let isFound = text.isWhole || isSigned
        #expect((TrailFile.problem(Array((before + text.0).utf8))?.contains("was put in") == true) == isFound)
        let number = UInt64(before.split(separator: "\n").count)
        #expect(try finding() == (isFound ? AuditFinding(.file, .added(found: number), number: number) : nil))
        try trail.run(4..<5)
        let after = TrailFile.problem(Array(try trail.folder.text("audit.log").utf8))
        #expect(try after != nil || !isFound || !trail.verify().findings.isEmpty)
    }

    @Test("The first line of a start that a full disk has cut short is no tampering behind a signed end")
    func cutShort() throws {
        let (signer, _) = try trail.signer()
        try trail.run(0..<3, signer)
        let before = try trail.folder.text("audit.log")
        let lines = try trail.lines
        var chain = AuditChain(number: UInt64(lines.count), hash: AuditHash(of: try #require(lines.last)))
        let line = chain.linked(TrailFile.started)
        for count in [1, 20, 100, line.utf8.count - 1] {
            try trail.folder.write("audit.log", before + line.prefix(count))
            #expect(TrailFile.problem(Array((before + line.prefix(count)).utf8)) == nil)
            #expect(try finding() == nil)
        }
        try trail.run(4..<5, signer)
        #expect(try trail.verify().crashes.count == 1 && trail.verify().findings.isEmpty)
    }
}
