import Credentials
import Foundation
import TestSupport
import Testing

@testable import latchkey

@Suite("An audit file that somebody has worked on while the server was stopped")
struct AuditOpeningTests {
    private let trail: TrailFile

    init() throws { trail = try TrailFile() }

    private func finding() throws -> AuditFinding? {
        let writer = try trail.writer()
        writer.close()
        return writer.opening?.finding
    }

    @Test(
        "With the head at hand a start finds an end that was cut off, and a last line that was changed, and tells it in the file"
    )
    func head() throws {
        try trail.run(0..<5)
        let lines = try trail.lines
        #expect(try finding() == nil)
        try trail.replace(lines.dropLast(2))
        #expect(try finding() == AuditFinding(.head, .missing(found: 5), number: 7))
        // Half of the last line is no line.
        try trail.folder.write("audit.log", lines.dropLast().map { $0 + "\n" }.joined() + lines[6].dropLast(5))
        #expect(try finding() == AuditFinding(.head, .missing(found: 6), number: 7))
        let changed = lines.dropLast() + [lines[6].replacing("stopped", with: "login")]
        try trail.replace(changed)
        #expect(try finding() == AuditFinding(.head, .changed, number: 7))
        // One more line behind it, so that the number is another.
        var chain = AuditChain(number: 7, hash: AuditHash(of: try #require(changed.last)))
        try trail.replace(changed + [chain.linked(TrailFile.line(9))])
        #expect(try finding() == AuditFinding(.head, .changed, number: 7))
        // A last line that does not follow from the one before.
        try trail.replace(lines + [#"{"v":1,"seq":8,"prev":"\#(String(repeating: "a", count: 64))","event":"login"}"#])
        #expect(try finding() == AuditFinding(.head, .changed, number: 7))

        try trail.replace(lines.dropLast(2))
        try trail.run(5..<7)
        let told = try trail.verify()
        #expect(
            told.findings.texts == [
                "\(trail.path):7: the server found lines missing when it opened the file: it ended with line 5, and the file beside it knew line 7"
            ])
        #expect(try finding() == nil, "it is told once")
    }

    @Test("The store finds what the head does not, as far back as a minute of lines goes, and over a rotation")
    func store() throws {
        try trail.run(0..<2000)
        let lines = try trail.lines
        func finding(_ number: Int, _ hash: AuditHash) throws -> AuditFinding? {
            let writer = try trail.writer()
            writer.close()
            return writer.opening?.finding(
                by: AuditWitness(
                    AuditCheckpoint(file: "x", number: Int64(number), hash: hash.description, date: .now)))
        }
        for number in [1, 2, 1000, 2000, 2002] {
            #expect(try finding(number, AuditHash(of: lines[number - 1])) == nil)
            #expect(try finding(number, AuditHash(of: "x")) == AuditFinding(.store, .changed, number: UInt64(number)))
        }
        #expect(try finding(2003, .genesis) == AuditFinding(.store, .missing(found: 2002), number: 2003))
        #expect(try finding(-5, .genesis) == nil && finding(.max, .genesis)?.kind == .missing(found: 2002))
        // A line of before was changed, and all behind it made anew: the head was too.
        let anew = TrailFile.relinked(lines.map { $0.replacing("user 1990 ", with: "user x ") }, AuditChain())
        try trail.replace(anew)
        try trail.folder.write("audit.log.head", TrailFile.head(2002, anew[2001]))
        #expect(try finding(1992, AuditHash(of: lines[1991]))?.kind == .changed)
        #expect(try finding(100, AuditHash(of: lines[99])) == nil)
        // Moved away: the head says where it was.
        try FileManager.default.removeItem(atPath: trail.path)
        #expect(try finding(2000, .genesis) == nil)
        #expect(try finding(2002, AuditHash(of: anew[2001])) == nil)
        #expect(try finding(2002, AuditHash(of: lines[2001]))?.kind == .changed)
        #expect(try finding(2003, .genesis)?.kind == .missing(found: 2002))
        try FileManager.default.removeItem(atPath: trail.path + ".head")
        #expect(try finding(2002, AuditHash(of: anew[2001]))?.kind == .missing(found: 0))
    }

    @Test("verify compares with each witness: what is missing or changed is named, and what is in older files is told")
    func witnesses() throws {
        try trail.run(0..<10)
        let lines = try trail.lines
        func store(_ number: Int64, _ hash: AuditHash) -> AuditWitness {
            AuditWitness(AuditCheckpoint(file: "x", number: number, hash: hash.description, date: .now))
        }
        let (right, head) = (
            store(8, AuditHash(of: lines[7])),
            AuditWitness(try #require(AuditHead.read(besides: trail.path)), file: trail.path)
        )
        #expect(head.number == 12)
        #expect(TrailFile.problem(lines, witnesses: [right, head]) == nil)
        #expect(TrailFile.problem(lines.prefix(8), witnesses: [right]) == nil)
        #expect(
            TrailFile.problem(lines.prefix(8), witnesses: [right, head])
                == "lines 9 to 12 are missing at the end: \(trail.path).head knows line 12")
        #expect(
            TrailFile.problem(lines.prefix(7), witnesses: [right])?.hasPrefix(
                "lines 8 to 8 are missing at the end: the store has known line 8 since ") == true)
        #expect(
            TrailFile.problem(lines, witnesses: [store(8, .genesis)])?.hasPrefix(
                "audit.log:8: this line, or one before it, was changed: the store knows another one") == true)
        let changed = lines.dropLast() + [lines[11].replacing("stopped", with: "login")]
        #expect(TrailFile.problem(changed) == nil)
        #expect(TrailFile.problem(changed, witnesses: [head])?.contains("audit.log:12: this line") == true)
        // Whatever a damaged store says.
        #expect(TrailFile.problem(lines, witnesses: [store(-1, .genesis), store(.min, .genesis)]) == nil)
        #expect(TrailFile.problem(lines, witnesses: [store(.max, .genesis)])?.contains("are missing") == true)
        var verifier = AuditVerifier(witnesses: [right])
        verifier.begin("audit.log")
        try verifier.take(Array(lines.suffix(3).map { $0 + "\n" }.joined().utf8).span)
        #expect(throws: AuditVerifier.Tampering.self, "line 9 is nowhere") { try verifier.finish() }
        verifier = AuditVerifier(witnesses: [right, head])
        verifier.begin("audit.log")
        try verifier.take(Array(lines.suffix(3).map { $0 + "\n" }.joined().utf8).span)
        try verifier.finish()
        #expect(verifier.report.contains("note: line 8, which the store knows, is in older files"))
    }

    private static let digits = String(repeating: "a", count: 64)

    /// What somebody may put behind the last line.
    private static var endings: [[UInt8]] { hostileTexts.map { Array($0.utf8) } + hostileBytes }

    private static var hostileTexts: [String] {
        [
            #"{"seq":18446744073709551615,"prev":"x"}"#, #"{"v":1,"seq":18446744073709551615,"prev":"\#(digits)"}"#,
            #"{"v":1,"seq":9223372036854775807,"prev":"\#(digits)"}"#,
            #"{"v":1,"seq":9223372036854775807,"prev":"\#(digits)"}\#n{"v":1,"seq":1,"prev":"\#(digits)"}"#,
            #"{"v":1,"seq":4611686018427387903,"prev":"\#(digits)"}"#,
            #"{"v":1,"seq":9223372036854775808,"prev":"\#(digits)"}"#, #"{"v":1,"seq":-1,"prev":"\#(digits)"}"#,
            #"{"v":1,"seq":0,"prev":"\#(digits)"}"#, #"{"v":1,"seq":1.5,"prev":"\#(digits)"}"#,
            #"{"v":1,"seq":1e400,"prev":"\#(digits)"}"#, #"{"v":1,"seq":"7","prev":"\#(digits)"}"#,
            #"{"v":1,"seq":99999999999999999999999999999999,"prev":"\#(digits)"}"#,
            #"{"v":1,"seq":null,"prev":"\#(digits)"}"#, #"{"v":1,"seq":7,"prev":7}"#, #"{"v":1,"seq":7}"#,
            #"{"v":18446744073709551616,"seq":7,"prev":"\#(digits)"}"#,
            #"{"v":2,"seq":8,"prev":"\#(digits)","event":"checkpoint"}"#,
            #"{"v":2,"seq":8,"prev":"\#(digits)","event":"checkpoint","signature":"","key":""}"#,
            #"{"v":1,"seq":8,"prev":"\#(digits)","event":"lines-missing","found":"18446744073709551615","expected":"x"}"#,
            #"{"v":1,"seq":8,"prev":"\#(digits)","event":"lines-missing","found":7,"expected":8,"witness":"y"}"#,
            #"{"v":1,"seq":7,"prev":"\#(digits)","x":{"y":[]}}"#, #"{"v":1,"seq":7,"prev":"\#(digits)","torn":"x"}"#,
            String(repeating: "[", count: 200_000), #"{"a":"#, "{", "}", "{}", "\"", #"{"\u12"#, "", "\n\n\n", "\r\n",
            "\0",
            String(repeating: "\n", count: 300_000), String(repeating: "x\n", count: 200_000),
        ]
    }

    private static var hostileBytes: [[UInt8]] {
        let begun = Array(#"{"v":1,"seq":8,"prev":"\#(digits)","user":""#.utf8)
        let (end, x) = (Array("\"}".utf8), UInt8(ascii: "x"))
        return [
            begun + [0xFF, 0xC0] + end, [0xFF, 0xFE, 0x00, 0x0A], [0xEF, 0xBB, 0xBF, 0x7B],
            [UInt8](repeating: x, count: AuditLine.maximumLength * 2 + 7),
            begun + [UInt8](repeating: x, count: AuditLine.maximumLength) + end,
        ]
    }

    @Test(
        "Whatever stands behind the last line, a server starts and goes on, and verify says something of it",
        arguments: endings.indices)
    func behindTheLastLine(index: Int) throws {
        let bytes = Self.endings[index]
        for ending in [[UInt8](), [UInt8(ascii: "\n")]] {
            try trail.run(0..<5)
            let before = [UInt8](try Data(contentsOf: URL(filePath: trail.path)))
            try Data(before + bytes + ending).write(to: URL(filePath: trail.path))
            _ = TrailFile.problem(before + bytes + ending)
            try trail.run(5..<8)
            let after = [UInt8](try Data(contentsOf: URL(filePath: trail.path)))
            #expect(after.starts(with: before + bytes + ending))
            // Either it is named, or it counts as cut short, and the chain goes on behind it.
            if TrailFile.problem(after) == nil, !(bytes + ending).isEmpty, bytes + ending != [UInt8(ascii: "\n")] {
                #expect(try !trail.verify().crashes.isEmpty)
            }
            #expect(String(decoding: after.suffix(400), as: UTF8.self).contains(#""event":"stopped"}"#))
            // As the only text of the file, and with whatever head.
            try Data(bytes + ending).write(to: URL(filePath: trail.path))
            try trail.run(8..<9)
            _ = try? trail.verify()
            try FileManager.default.removeItem(atPath: trail.path)
            try FileManager.default.removeItem(atPath: trail.path + ".head")
        }
    }

    @Test(
        "Whatever a head says, a server starts, and can count on",
        arguments: [
            "", "x", "18446744073709551615 \(digits)\n", "09223372036854775807 \(digits)\n",
            "04611686018427387903 \(digits)\n",
            "-0000000000000000001 \(digits)\n", "00000000000000000001 \(digits.uppercased())\n",
            String(repeating: "\0", count: 86),
            String(repeating: "9", count: 1 << 20),
        ])
    func hostileHead(text: String) throws {
        // Without a file, and with one.
        for _ in 0..<2 {
            try trail.folder.write("audit.log.head", text)
            try trail.run(0..<3)
            #expect(try trail.lines.last?.contains(#""event":"stopped""#) == true)
            _ = try? trail.verify()
        }
    }

    @Test("A head that is deleted while the server runs is there again with the next line, and nobody else's")
    func deletedHead() async throws {
        let writer = try trail.writer()
        writer.write(TrailFile.line(0))
        try await eventually("it is written") { (try? trail.lines.count) == 1 }
        try FileManager.default.removeItem(atPath: trail.path + ".head")
        writer.write(TrailFile.line(1))
        try await eventually("it is written") { (try? trail.lines.count) == 2 }
        #expect(throws: ConfigurationError.self) { try trail.writer() }
        writer.close()
        #expect(AuditHead.read(besides: trail.path)?.number == 2)
        #expect(try finding() == nil)
    }

    @Test("A line that is too long to be read again is none: it is lost, and that is told")
    func longLine() throws {
        let writer = try trail.writer()
        writer.write(TrailFile.line(0))
        writer.write(LogLine.json([("event", "x"), ("user", String(repeating: "x", count: AuditLine.maximumLength))]))
        writer.write(
            LogLine.json([("event", "x"), ("user", String(repeating: "x", count: AuditLine.maximumLength / 2))]))
        writer.close()
        let lines = try trail.lines
        #expect(lines.count == 3 && lines.contains { $0.contains(#""event":"lines-lost","count":"1""#) })
        #expect(writer.lost == 1)
        #expect(try trail.verify().count == 3 && trail.verify().crashes.isEmpty)
    }
}
