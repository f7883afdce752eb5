import APIKeys
import Credentials
import Foundation
import TestSupport
import Testing

@testable import latchkey

/// Writes what looks like a database of bbolt, page by page.
private struct BoltWriter {
    static let pageSize = 4096
    private(set) var bytes: [UInt8] = []

    static func number(_ value: Int, _ size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// Two meta pages and the list of free ones.
    init(root: Int) {
        for id in 0..<2 {
            var meta = Self.number(0xED0C_DAED, 4) + Self.number(2, 4) + Self.number(Self.pageSize, 4)
            meta += Self.number(0, 4) + Self.number(root, 8) + Self.number(0, 8) + Self.number(2, 8)
            meta += Self.number(100, 8) + Self.number(7, 8)
            let sum = meta.reduce(14_695_981_039_346_656_037 as UInt64) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
            meta += Self.number(Int(truncatingIfNeeded: sum), 8)
            append(Self.number(id, 8) + Self.number(4, 2) + Self.number(0, 2) + Self.number(0, 4) + meta)
        }
        append(Self.number(2, 8) + Self.number(0x10, 2) + Self.number(0, 6))
    }

    mutating func append(_ page: [UInt8]) {
        bytes += page
        let rest = bytes.count % Self.pageSize
        if rest > 0 { bytes += repeatElement(0, count: Self.pageSize - rest) }
    }

    /// The number of the next page.
    var next: Int { bytes.count / Self.pageSize }

    /// A leaf, on as many pages as it takes.
    mutating func leaf(_ pairs: [(key: [UInt8], value: [UInt8])], isBuckets: Bool = false) {
        var (elements, content): ([UInt8], [UInt8]) = ([], [])
        for (index, pair) in pairs.enumerated() {
            let place = (pairs.count - index) * 16 + content.count
            elements += Self.number(isBuckets ? 1 : 0, 4) + Self.number(place, 4)
            elements += Self.number(pair.key.count, 4) + Self.number(pair.value.count, 4)
            content += pair.key + pair.value
        }
        let pages = (16 + elements.count + content.count - 1) / Self.pageSize
        append(
            Self.number(next, 8) + Self.number(2, 2) + Self.number(pairs.count, 2) + Self.number(pages, 4) + elements
                + content)
    }

    /// A branch.
    mutating func branch(_ pages: [Int]) {
        append(
            Self.number(next, 8) + Self.number(1, 2) + Self.number(pages.count, 2) + Self.number(0, 4)
                + pages.flatMap { Self.number(16, 4) + Self.number(0, 4) + Self.number($0, 8) })
    }

    /// The root leaf of zot's two buckets, on page 3.
    mutating func buckets(keys: Int, users: Int) {
        leaf(
            [
                (Array("UserAPIKeys".utf8), Self.number(keys, 8) + Self.number(0, 8)),
                (Array("UserData".utf8), Self.number(users, 8) + Self.number(0, 8)),
            ], isBuckets: true)
    }
}

@Suite("What is imported")
struct ImportTests {
    private let folder: TemporaryFolder
    private let there: [String]

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("htpasswd", "alice:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let path = try folder.write(
            "c.yaml",
            "http: { auth: { htpasswd: { path: htpasswd }, apikey: true } }\nstorage: { rootDirectory: data }\n")
        there = ["--config", path]
    }

    private func run(_ arguments: [String], input: String = "") async throws -> Program.Output {
        try await Latchkey.program.run(["apikey"] + arguments, input: Data(input.utf8))
    }

    /// A line of an export.
    private func line(_ number: Int, _ more: String = #""expirationDate":"2030-01-01T00:00:00Z""#) -> String {
        let digits = String(number, radix: 16)
        let digest = String(repeating: "0", count: 64 - digits.count) + digits
        return """
            {"version":1,"digest":"\(digest)","uuid":"46a45ce7-5d92-498a-a9cb-\(digest.suffix(12))","owner":"alice",\
            "ownerSource":"htpasswd","ownerIdentity":"name:alice","label":"","scopes":[],"createdAt":"2026-01-01T00:00:00Z",\
            "creatorUserAgent":"","family":"46a45ce7-5d92-498a-a9cb-\(digest.suffix(12))",\(more)}

            """
    }

    @Test("One line that can't be read refuses itself, is named with its number, and the others are added")
    func lines() async throws {
        let wrong = [
            line(2, #""expirationDate":"10000-01-01T00:00:00.000000Z""#), "{}\n", "x\n",
            line(3, #""expirationDate":"never""#), line(4, #""revokedAt":"2026-01-01T00:00:00Z","revokedBy":"nobody""#),
            line(5).replacing(#""version":1"#, with: #""version":18446744073709551615"#),
            line(6).replacing(#""version":1"#, with: #""version":-9223372036854775808"#),
            line(7).replacing(#""version":1"#, with: #""version":1e400"#),
            line(8, #""lastUsed":"2026-01-01T00:00:00,5Z""#),
        ]
        let text = line(0) + wrong.joined() + "\n" + line(1)
        let output = try await run(["import"] + there, input: text)
        #expect(
            output.status == 1 && output.standardOutput == "added 2 key(s); 0 had been there; \(wrong.count) refused\n",
            "\(output)")
        let said = output.standardError.split(separator: "\n")
        #expect(said.count == wrong.count)
        for (number, sentence) in zip(2..., said) {
            #expect(sentence.hasPrefix("latchkey: standard input:\(number): is "), "\(sentence)")
        }
        #expect(said.first?.contains("its expirationDate can't be read") == true)
        #expect(try await run(["export"] + there).standardOutput.split(separator: "\n").count == 2)
        // A file of something else does not fill a screen.
        let garbage = try await run(["import"] + there, input: String(repeating: "\u{1B}]0;x\n", count: 5000))
        #expect(garbage.status == 1 && garbage.standardError.hasSuffix("latchkey: 4900 more are refused\n"))
        #expect(!garbage.standardError.contains("\u{1B}"))
    }

    @Test("No line whose fields end a key becomes one that works for ever: half of a pair, a field twice, or misspelt")
    func ends() async throws {
        let date = "2026-01-01T00:00:00Z"
        let id = "46a45ce7-5d92-498a-a9cb-9654b1da3da1"
        let wrong: [(more: String, said: String)] = [
            (#""revokedBy":"owner""#, "revokedBy without revokedAt"),
            (#""revokedAt":"\#(date)""#, "revokedAt without revokedBy"),
            (#""revokedAt":null,"revokedBy":"owner""#, "revokedBy without revokedAt"),
            (#""revokedat":"\#(date)","revokedBy":"owner""#, "no field revokedat"),
            (#""successor":"\#(id)","overlapEnds":"\#(date)""#, "successor without rotatedAt"),
            (#""overlapEnds":"\#(date)""#, "overlapEnds without rotatedAt"),
            (#""rotatedAt":"\#(date)","successor":"\#(id)""#, "rotatedAt without overlapEnds"),
            (#""lastUsedFrom":"192.0.2.1""#, "lastUsedFrom without lastUsed"),
            (#""lastUsedBy":"curl""#, "lastUsedBy without lastUsed"),
            (#""expirationDate":null,"expirationDate":"\#(date)""#, "a field twice"),
            (#""expirationDate":"\#(date)","expirationDate":null"#, "a field twice"),
            (#""expirationDate":null,"expirationD\u0061te":"\#(date)""#, "a field twice"),
            (#""expirationdate":"\#(date)""#, "no field expirationdate"), (#""endsAt":"\#(date)""#, "no field endsAt"),
        ]
        let right = [
            #""revokedAt":"\#(date)","revokedBy":"owner""#, #""lastUsed":"\#(date)""#, #""expirationDate":null"#,
            #""rotatedAt":"\#(date)","successor":"\#(id)","overlapEnds":"\#(date)""#,
            #""lastUsed":"\#(date)","lastUsedFrom":"192.0.2.1""#,
        ]
        let text = (wrong.map(\.more) + right).enumerated().map { line($0, $1) }.joined()
        let output = try await run(["import"] + there, input: text)
        #expect(
            output.standardOutput == "added \(right.count) key(s); 0 had been there; \(wrong.count) refused\n",
            "\(output)")
        let said = output.standardError.split(separator: "\n")
        for (number, row) in wrong.enumerated() {
            #expect(
                said.contains { $0.contains("standard input:\(number + 1): is refused") && $0.contains(row.said) },
                "\(row.more)")
        }
    }

    @Test("A folder, and what is not there, are no empty file")
    func files() async throws {
        for arguments in [[folder.root.path], [folder.path("nowhere")], ["--zot", folder.root.path]] {
            let output = try await run(["import"] + there + arguments)
            #expect(
                output.status == 2 && output.standardError.contains("can't be read (") && output.standardOutput.isEmpty,
                "\(output)")
        }
        let shell = try Program("sh", package: "dash")
        let folderAsInput = try await shell.run([
            "-c", "exec \"$0\" apikey import --config \"$1\" < /", Latchkey.program.path, folder.path("c.yaml"),
        ])
        #expect(folderAsInput.status == 2, "\(folderAsInput)")
    }

    private func hash(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 64 - digits.count) + digits
    }

    @Test("A key of zot's with a date that can't be read is refused by name, and never becomes one that does not end")
    func dates() async throws {
        let fine = #""createdAt":"2026-01-01T00:00:00Z""#
        let zero = #""0001-01-01T00:00:00Z""#
        let records: [(more: String, isFine: Bool)] = [
            (#"\#(fine),"expirationDate":\#(zero),"lastUsed":\#(zero)"#, true), (fine, true),
            (#"\#(fine),"expirationDate":"2030-01-01T00:00:00.123456789+02:00""#, true),
            (#"\#(fine),"expirationDate":"garbage""#, false), (#"\#(fine),"expirationDate":"""#, false),
            (#"\#(fine),"expirationDate":"2020-01-01""#, false),
            (#"\#(fine),"expirationDate":"2020-01-01T00:00:00,5Z""#, false),
            (#"\#(fine),"expirationDate":"2020-01-01T00:00:00+00:19:32""#, false),
            (#"\#(fine),"expirationDate":"20000-01-01T00:00:00Z""#, false),
            (#"\#(fine),"expirationDate":"0001-garbage""#, false), (#"\#(fine),"lastUsed":"yesterday""#, false),
            (#"\#(fine),"isExpired":false"#, true),
            (#""createdAt":"garbage""#, false), (#""createdAt":\#(zero)"#, false), (#""label":"none""#, false),
        ]
        let entries = records.enumerated().map { #""\#(hash($0))":{\#($1.more)}"# }
        var file = BoltWriter(root: 3)
        file.buckets(keys: 4, users: 6)
        file.leaf(
            records.indices.map { (Array(hash($0).utf8), Array("alice".utf8)) } + [
                (Array(hash(99).utf8), Array("bob".utf8))
            ])
        while file.next < 6 { file.append([0]) }
        file.leaf([
            (Array("alice".utf8), Array("{\"APIKeys\":{\(entries.joined(separator: ","))}}".utf8)),
            (Array("bob".utf8), Array("{\"APIKeys\":18446744073709551615}".utf8)),
        ])
        try Data(file.bytes).write(to: folder.url("meta.db"))
        let output = try await run(["import", "--zot", folder.path("meta.db")] + there)
        let refused = records.count { !$0.isFine }
        #expect(
            output.status == 1
                && output.standardOutput == "added 4 key(s); 0 had been there; \(refused + 1) refused\n", "\(output)")
        for (number, record) in records.enumerated() {
            let name = "a key of alice is refused, as its "
            let isSaid = output.standardError.split(separator: "\n").contains {
                $0.contains(name) && $0.contains(hash(number).prefix(12))
            }
            // Their digests differ at the end alone: what is said is counted.
            #expect(isSaid || record.isFine)
        }
        #expect(output.standardError.components(separatedBy: "a key of alice is refused, as its ").count == refused + 1)
        #expect(output.standardError.contains("the record of bob is not of zot's form"))
        let exported = try await run(["export"] + there).standardOutput
        #expect(exported.contains(#""expirationDate":"2029-12-31T22:00:00.123457Z""#), "\(exported)")
    }

    @Test("A key that zot calls expired is left out whatever its date, and a record with a field twice is refused")
    func expired() throws {
        let fine = #""createdAt":"2026-01-01T00:00:00Z""#
        var file = BoltWriter(root: 3)
        file.buckets(keys: 4, users: 5)
        file.leaf((1...3).map { (Array(hash($0).utf8), Array(($0 == 3 ? "bob" : "alice").utf8)) })
        file.leaf([
            (
                Array("alice".utf8),
                Array(
                    """
                    {"APIKeys":{"\(hash(1))":{\(fine),"isExpired":true,"expirationDate":"2090-01-01T00:00:00Z"},\
                    "\(hash(2))":{\(fine),"isExpired":false}}}
                    """.utf8)
            ),
            (
                Array("bob".utf8),
                Array(#"{"APIKeys":{"\#(hash(3))":{\#(fine),"isExpired":false,"isExpired":true}}}"#.utf8)
            ),
        ])
        let zot = try ZotKeys(bytes: file.bytes)
        #expect(zot.keys.map(\.digest.hexadecimal) == [hash(2)])
        #expect(zot.leftOut == ["a key of alice has expired in zot: \(hash(1).prefix(12))…"])
        #expect(zot.refused.count == 1 && zot.refused.first?.contains("the record of bob") == true)
    }

    @Test("A file of bbolt's that is made to take for ever, or all memory, is damage at once")
    func hostile() throws {
        // Each of forty pages names the next one twice: 2^40 ways.
        var branches = BoltWriter(root: 3)
        for page in 3..<43 { branches.branch([page + 1, page + 1]) }
        branches.buckets(keys: 3, users: 3)
        // One names itself.
        var circle = BoltWriter(root: 3)
        circle.branch([3, 3])
        // 65,535 elements that all have the same megabyte.
        var leaf = BoltWriter(root: 3)
        leaf.buckets(keys: 4, users: 4)
        let (count, size) = (65_535, 1 << 20)
        var page = BoltWriter.number(4, 8) + BoltWriter.number(2, 2) + BoltWriter.number(count, 2)
        page += BoltWriter.number((16 + 16 * count + size) / BoltWriter.pageSize, 4)
        for index in 0..<count {
            page += BoltWriter.number(0, 4) + BoltWriter.number((count - index) * 16, 4)
            page += BoltWriter.number(64, 4) + BoltWriter.number(size - 64, 4)
        }
        page += repeatElement(UInt8(ascii: "0"), count: size)
        leaf.append(page)
        // A root of buckets, all of which have the same megabyte.
        var root = BoltWriter(root: 3)
        root.append(BoltWriter.number(3, 8) + page.dropFirst(8))
        for (name, file) in [("branches", branches), ("circle", circle), ("leaf", leaf), ("root", root)] {
            let error = #expect(throws: BoltFile.Damage.self, "\(name)") { try ZotKeys(bytes: file.bytes) }
            #expect(error?.description.contains("is damaged") == true, "\(name): \(error?.description ?? "")")
        }
    }

    @Test("No number in a page of bbolt's ends the program, however large")
    func numbers() throws {
        var file = BoltWriter(root: 3)
        file.buckets(keys: 4, users: 5)
        file.leaf([(Array(hash(1).utf8), Array("alice".utf8))])
        file.leaf([(Array("alice".utf8), Array("{}".utf8))])
        #expect(try ZotKeys(bytes: file.bytes).leftOut.count == 1)
        for size in [2, 4, 8] {
            for place in stride(from: 3 * BoltWriter.pageSize, to: file.bytes.count - 8, by: 2) {
                guard place % BoltWriter.pageSize < 160 else { continue }
                for value in [-1, -2, Int.min, Int.max, 1 << 31, (1 << 32) - 1] {
                    var bytes = file.bytes
                    bytes.replaceSubrange(
                        place..<place + size, with: BoltWriter.number(value, size))
                    _ = try? ZotKeys(bytes: bytes)
                }
            }
        }
        // The root's number, with the sum made right again.
        for root in [-1, Int.min, Int.max, 1 << 32, 5] { _ = try? ZotKeys(bytes: BoltWriter(root: root).bytes) }
    }
}
