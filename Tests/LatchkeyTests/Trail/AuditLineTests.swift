import Crypto
import Foundation
import TestSupport
import Testing

@testable import latchkey

@Suite("How the audit file is read")
struct AuditLineTests {
    private static let hash = String(repeating: "0a", count: 32)

    private func read(_ text: String) -> AuditLine? { AuditLine(Array(text.utf8).span) }

    @Test("A line of ours is read, with what links it and what it says")
    func ours() throws {
        let line = try #require(
            read(
                #"{"v":1,"seq":42,"prev":"\#(Self.hash)","torn":"\#(Self.hash)","event":"login","user":"\"\\é\u00e9"}"#)
        )
        #expect(line.number == 42 && line.previous.description == Self.hash && line.torn == line.previous)
        #expect(line.event == .other && AuditHash("x") == nil && AuditHash(Self.hash.uppercased()) == nil)
        let signed = try #require(
            read(
                #"{"v":2,"seq":1,"prev":"\#(Self.hash)","time":"2026","event":"checkpoint","key":"k","signature":"s"}"#)
        )
        guard case .checkpoint(let checkpoint) = signed.event else { throw NeverHappened(description: "\(signed)") }
        #expect(
            checkpoint.version == 2 && checkpoint.time == "2026" && checkpoint.key == "k" && checkpoint.signature == "s"
        )
        #expect(
            checkpoint.signedLength
                == #"{"v":2,"seq":1,"prev":"\#(Self.hash)","time":"2026","event":"checkpoint","key":"k""#.utf8.count)
        for time in ["\u{9B}31m", "\u{202E}6202", "a b", String(repeating: "2", count: 41)] {
            let line = read(
                #"{"v":1,"seq":1,"prev":"\#(Self.hash)","time":"\#(time)","event":"checkpoint","key":"k","signature":"s"}"#
            )
            guard case .checkpoint(let checkpoint) = line?.event else { throw NeverHappened(description: "\(time)") }
            #expect(checkpoint.time == "unreadable", "it is shown on a terminal")
        }
    }

    @Test("What the chain writes is read again, whatever stands in it; what is read is JSON, whatever was done to it")
    func property() throws {
        var random = Seeded.announced()
        let folder = try TemporaryFolder()
        var chain = AuditChain(signer: try AuditSigner(path: folder.path("key")))
        let scalars = (0..<64).compactMap { Unicode.Scalar($0 * 37) } + ["\"", "\\", "\n", "🗝", "\u{FEFF}", "\u{2028}"]
        for round in 0..<400 {
            let text = (0..<Int.random(in: 0..<12, using: &random)).map { _ in
                String(scalars.randomElement(using: &random) ?? "x")
            }.joined()
            let before = chain
            if round % 7 == 0 { chain.cut(Array("cut\(text)".utf8).span) }
            let written = round % 5 == 0 ? AuditChain.checkpoint : LogLine.json([("event", "login"), ("user", text)])
            let linked = chain.linked(written)
            let line = try #require(read(linked), "\(linked)")
            #expect(line.number == before.number + 1 && line.previous == before.hash)
            #expect((line.torn != nil) == (round % 7 == 0) && AuditHash(of: linked) == chain.hash)
            for _ in 0..<20 {
                var bytes = Array(linked.utf8)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
                case 1: bytes.removeSubrange(0..<Int.random(in: bytes.indices, using: &random))
                default: bytes.removeLast(Int.random(in: bytes.indices, using: &random))
                }
                guard AuditLine(bytes.span) != nil else { continue }
                #expect((try? JSONSerialization.jsonObject(with: Data(bytes))) is [String: Any], "\(bytes)")
            }
        }
    }

    @Test("Each of a line's many damages is no line, and no reason to crash")
    func others() {
        let links = #""v":1,"seq":1,"prev":"\#(Self.hash)""#
        #expect(read("{\(links)}") != nil)
        for text in [
            "", "{", "{}", "{\(links)", "\(links)}", "{\(links),}", "{,\(links)}", "{\(links)}}", "{\(links)} ",
            " {\(links)}",
            "{\(links),\"x\"}", "{\(links),\"x\":}", "{\(links),x:\"y\"}", "{\(links),\"x\":01}", "{\(links),\"x\":-1}",
            "{\(links),\"x\":1.5}", "{\(links),\"x\":1e5}", "{\(links),\"x\":true}", "{\(links),\"x\":null}",
            "{\(links),\"x\":[]}",
            "{\(links),\"x\":{}}", "{\(links),\"x\":\"\\\"}", "{\(links),\"x\":\"\\x\"}",
            "{\(links),\"x\":\"\\u12g4\"}",
            "{\(links),\"x\":\"\\u12\"}", "{\(links),\"x\":\"\t\"}", "{\(links),\"seq\":1}",
            "{\(links),\"event\":\"a\",\"event\":\"b\"}",
            "{\(links),\"torn\":\"x\"}", "{\(links),\"torn\":1}",
            "{\(links),\"x\":\(String(repeating: "1", count: 21))}",
            "{\"v\":1,\"seq\":0,\"prev\":\"\(Self.hash)\"}", "{\"seq\":1,\"prev\":\"\(Self.hash)\"}",
            "{\"v\":1,\"seq\":\"1\",\"prev\":\"\(Self.hash)\"}", "{\"v\":1,\"seq\":1,\"prev\":\"\(Self.hash)0\"}",
            "{\"v\":1,\"s\\u0065q\":1,\"prev\":\"\(Self.hash)\"}",
        ] {
            #expect(read(text) == nil, "\(text)")
        }
        // What JSON's surrogates stand for is nobody's business here.
        #expect(read("{\(links),\"x\":\"\\ud800\"}") != nil)
    }

    @Test("However a file comes in pieces, its lines are the same, and what is too long is never kept")
    func splitter() {
        var random = Seeded.announced()
        for _ in 0..<300 {
            let text = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
                "ab\n".utf8.randomElement(using: &random) ?? 0
            }
            var (splitter, rest) = (LineSplitter(maximumLength: 5), text[...])
            var (lines, long): ([[UInt8]], [UInt8]) = ([], [])
            func take(_ bytes: Span<UInt8>, _ part: LineSplitter.Part) {
                let bytes = bytes.withUnsafeBytes { Array($0) }
                switch part {
                case .whole:
                    #expect(bytes.count <= 5 && long.isEmpty)
                    lines.append(bytes)
                case .piece: long += bytes
                case .end:
                    lines.append(long + bytes)
                    long = []
                }
            }
            while !rest.isEmpty {
                let piece = Array(rest.prefix(Int.random(in: 1...9, using: &random)))
                rest = rest.dropFirst(piece.count)
                splitter.take(piece.span, take)
            }
            splitter.finish(take)
            var expected = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Array($0) }
            if expected.last?.isEmpty == true { expected.removeLast() }
            #expect(lines == expected)
        }
    }

    @Test("Read from its end, a file has the same lines, whatever their lengths")
    func backwards() throws {
        var random = Seeded.announced()
        let folder = try TemporaryFolder()
        for round in 0..<60 {
            let lengths = round % 3 == 0 ? 0..<200_000 : 0..<4
            let count = round % 3 == 0 ? 4 : 60
            var text = (0..<Int.random(in: 0..<count, using: &random)).flatMap { _ in
                [UInt8](repeating: UInt8(ascii: "x"), count: Int.random(in: lengths, using: &random)) + [
                    UInt8(ascii: "\n")
                ]
            }
            if round % 2 == 0 { text += Array("tail".utf8) }
            try Data(text).write(to: folder.url("file"))
            let file = try FileHandle(forReadingFrom: folder.url("file"))
            var lines = BackwardLines(file.fileDescriptor, size: text.count, maximumLength: 100_000)
            var found: [ArraySlice<UInt8>] = []
            while let line = try lines.next() {
                #expect(line.hasLineFeed == (line.end < text.count))
                #expect((line.bytes == nil) == (line.end - line.start > 100_000))
                if let bytes = line.bytes { #expect(bytes == Array(text[line.start..<line.end])) }
                found.append(text[line.start..<line.end])
            }
            var expected = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            if expected.last?.isEmpty == true { expected.removeLast() }
            #expect(found.reversed() == expected)
        }
    }

    @Test("Of what was cut short there is one hash, however it came")
    func torn() {
        var random = Seeded.announced()
        for _ in 0..<200 {
            let text = (1...Int.random(in: 1...60, using: &random)).map { _ in
                "ab\n".utf8.randomElement(using: &random) ?? 0
            }
            var (torn, lines, rest) = (TornText(), TornText(), text[...])
            #expect(torn.isEmpty)
            while !rest.isEmpty {
                let piece = Array(rest.prefix(Int.random(in: 1...9, using: &random)))
                rest = rest.dropFirst(piece.count)
                torn.append(piece.span)
            }
            let whole = text.last == UInt8(ascii: "\n") ? text.dropLast() : text[...]
            for (index, line) in whole.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                .enumerated()
            {
                if index > 0 { lines.endLine() }
                lines.append(Array(line).span)
            }
            let expected = SHA256.hash(data: Array(whole))
            #expect(torn.hash == AuditHash(expected) && lines.hash == torn.hash && !torn.isEmpty)
        }
    }
}
