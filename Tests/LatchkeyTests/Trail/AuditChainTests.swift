import Foundation
import TestSupport
import Testing

@testable import latchkey

@Suite("The audit file as a chain")
struct AuditChainTests {
    private let trail: TrailFile
    private var folder: TemporaryFolder { trail.folder }

    init() throws { trail = try TrailFile() }

    private func tampering(_ change: (inout [String]) -> Void) throws -> String {
        var lines = try trail.lines
        change(&lines)
        return TrailFile.problem(lines) ?? "sound"
    }

    @Test("Over restarts and rotations the chain goes on, and each line keeps what it said")
    func continues() throws {
        try trail.write(0..<10)
        try trail.write(10..<15)
        #expect(try trail.verify().count == 15 && trail.verify().crashes.isEmpty)
        // logrotate moves the file away while the server is stopped.
        try FileManager.default.moveItem(at: folder.url("audit.log"), to: folder.url("audit.log.1"))
        try trail.write(15..<20)
        let both = try trail.verify("audit.log.1", "audit.log")
        #expect(both.count == 20 && both.first == 1 && both.lastNumber == 20)
        let newer = try trail.verify("audit.log")
        #expect(newer.first == 16 && newer.count == 5)
        let texts = try folder.text("audit.log").split(separator: "\n")
        let object = try JSONSerialization.jsonObject(with: Data(texts[0].utf8)) as? [String: Any]
        #expect(
            object?["user"] as? String == "user 15 é\n\u{1}" && object?["seq"] as? Int == 16
                && object?["v"] as? Int == 1)
    }

    @Test("A file that is cut while it is written, as copytruncate does, leaves no gap")
    func copyTruncate() async throws {
        let writer = try trail.writer()
        for number in 0..<5 { writer.write(TrailFile.line(number)) }
        try await eventually("it is written") { try trail.lines.count == 5 }
        try FileManager.default.copyItem(at: folder.url("audit.log"), to: folder.url("audit.log.1"))
        try Data().write(to: folder.url("audit.log"), options: [])
        for number in 5..<9 { writer.write(TrailFile.line(number)) }
        writer.close()
        _ = try? FileManager.default.attributesOfItem(atPath: folder.path("audit.log"))
        let both = try trail.verify("audit.log.1", "audit.log")
        #expect(both.lastNumber == 9 && both.count == 9)
    }

    @Test("The first line that was changed, removed or put in is named")
    func names() throws {
        try trail.write(0..<10)
        #expect(try tampering { _ in } == "sound")
        #expect(
            try tampering { $0[4] = $0[4].replacing("user 4", with: "user 5") }.hasPrefix(
                "audit.log:5: this line was changed"))
        #expect(
            try tampering { $0.remove(at: 4) }.hasPrefix("audit.log:5: 1 line(s) were removed before this one: 5 to 5"))
        #expect(try tampering { $0.removeSubrange(2..<6) }.contains("4 line(s) were removed before this one: 3 to 6"))
        #expect(try tampering { $0.insert($0[3], at: 4) }.hasPrefix("audit.log:5: this line was put in"))
        #expect(
            try tampering { $0.insert("{\"event\":\"login\"}", at: 4) }.hasPrefix("audit.log:5: this line was changed"))
        #expect(try tampering { $0.swapAt(3, 4) } != "sound")
        #expect(
            try tampering { $0[0] = $0[0].replacing("user 0", with: "user 1") }.hasPrefix(
                "audit.log:1: this line was changed"))
        #expect(try tampering { $0[5] = String($0[5].dropLast(10)) }.hasPrefix("audit.log:6: this line was changed"))
        // Whoever can write can begin anew from the first line, or cut off the end: that is what signatures are for.
        #expect(try tampering { $0.removeLast(3) } == "sound")
        // Not even a whole line that is none of ours goes unseen, nor one with the same member twice.
        #expect(try tampering { $0[4] = $0[4].replacing(#""v":1,"#, with: #""v":1, "#) } != "sound")
        #expect(try tampering { $0[4] = $0[4].replacing(#""v":1,"#, with: #""v":1,"seq":5,"#) } != "sound")
    }

    @Test("Any change of any byte is found, but for one in the last line")
    func anyByte() throws {
        try trail.write(0..<6)
        let whole = try [UInt8](Data(contentsOf: folder.url("audit.log")))
        let last = whole.dropLast().lastIndex(of: UInt8(ascii: "\n")) ?? 0
        var random = Seeded.announced()
        for _ in 0..<600 {
            var bytes = whole
            let index = Int.random(in: 0..<last, using: &random)
            bytes[index] = bytes[index] ^ UInt8.random(in: 1...255, using: &random)
            #expect(TrailFile.problem(bytes) != nil, "\(index)")
        }
    }

    @Test("A crash in the middle of a line is told apart from tampering", arguments: [1, 7, 40])
    func crash(kept: Int) throws {
        try trail.write(0..<5)
        let handle = try FileHandle(forWritingTo: folder.url("audit.log"))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(String(TrailFile.line(5).prefix(kept)).utf8))
        try handle.close()
        #expect(try trail.verify().crashes.count == 1 && trail.verify().count == 5)
        try trail.write(5..<8)
        let after = try trail.verify()
        #expect(
            after.count == 8 && after.crashes.count == 1
                && after.crashes.texts[0].contains("audit.log:6: a line was cut short"))
        // Neither removing it nor changing it goes unseen.
        #expect(
            try tampering { $0.remove(at: 5) }.contains(
                "a line that was cut short is noted before this one, and is gone"))
        #expect(try tampering { $0[5] += "x" }.hasPrefix("audit.log:6: this line was changed"))
    }

    @Test("Whatever lines and pieces of lines stand behind the last one, the chain goes on, and they can't be changed")
    func manyPieces() throws {
        for text in ["\n", "\n\n", "\n\n\nx", "x\n\n", "x\ny", "x\ny\n", "\nx\n"] {
            try trail.write(0..<3)
            let before = try folder.text("audit.log")
            try folder.write("audit.log", before + text)
            try trail.write(3..<5)
            #expect(try trail.verify().crashes.count == 1 && trail.verify().count == 5, "\(text.debugDescription)")
            let after = try folder.text("audit.log")
            let more = before + text + "\n" + after.dropFirst((before + text).count)
            #expect(TrailFile.problem(Array(more.utf8)) != nil, "\(text.debugDescription)")
            try FileManager.default.removeItem(atPath: trail.path)
            try FileManager.default.removeItem(atPath: trail.path + ".head")
        }
    }

    @Test("A line that lost its line feed alone is whole")
    func lostTail() throws {
        try trail.write(0..<5)
        var text = try folder.text("audit.log")
        text.removeLast(1)
        try folder.write("audit.log", text)
        try trail.write(5..<7)
        #expect(try trail.verify().count == 7 && trail.verify().crashes.isEmpty)
    }
}
