import Credentials
import Testing

@testable import Htpasswd

@Suite("Reading an htpasswd file")
struct HtpasswdTableTests {
    private let hash = "{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE="
    private let other = "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/"

    private func table(_ text: String) -> HtpasswdTable { HtpasswdTable(bytes: Array(text.utf8)) }

    private func format(_ table: HtpasswdTable, _ user: String) -> HashFormat? {
        if case .hash(let hash) = table.entry(of: UserName(user)) { hash.format } else { nil }
    }

    @Test(
        "Comments, blank lines, CRLF, white space, a byte order mark and a missing last newline are taken as they are meant"
    )
    func lenient() {
        let table = table(
            "\u{FEFF}first:\(hash)\r\n# comment: yes\r\n\r\n  \n\tspaced:\(hash)  \nnamed:\(hash):Full Name\nlast:\(other)"
        )
        #expect(table.userCount == 4 && table.diagnosticCount == 0)
        for user in ["first", "spaced", "named"] { #expect(format(table, user) == .sha1, "\(user)") }
        #expect(format(table, "last") == .apr1)
        #expect(table.entry(of: "# comment") == nil && table.entry(of: "") == nil && table.entry(of: "las") == nil)
    }

    @Test("The first entry of a user wins, and the second one is named with both lines")
    func duplicate() {
        let table = table("a:\(hash)\nb:\(hash)\na:\(other)\n")
        #expect(format(table, "a") == .sha1 && table.userCount == 2)
        #expect(table.diagnostics == [.init(line: 3, userName: "a", kind: .duplicateUser(firstLine: 1))])
    }

    @Test("Each odd line is named with its number, and its user is refused")
    func odd() {
        var limits = HtpasswdTable.Limits()
        limits.hashes.maximumBcryptCost = 16
        let text =
            "ok:\(hash)\nno colon here\n:\(hash)\nplain:secret\ncut:$2y$10$abc\nburn:$2y$17$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW\nlocked:!\n"
        let table = HtpasswdTable(bytes: Array(text.utf8), limits: limits)
        #expect(table.diagnostics.map(\.line) == [2, 3, 4, 5, 6, 7])
        #expect(table.diagnostics[0].kind == .missingColon && table.diagnostics[1].kind == .emptyUserName)
        #expect(table.diagnostics[2].kind == .unusableHash(.unknownFormat))
        #expect(table.diagnostics[4].kind == .tooCostly(.bcryptCost(17, limit: 16)))
        for user in ["plain", "cut", "burn", "locked"] {
            guard case .unusable = table.entry(of: UserName(user)) else {
                Issue.record("\(user) is not refused")
                continue
            }
        }
        #expect(!table.diagnostics.map(\.description).joined().contains("secret"), "a diagnostic never shows a hash")
        #expect(table.userCount == 5 && table.usableCount == 1)
    }

    @Test("Diagnostics are bounded, and the rest is counted")
    func bounded() {
        var limits = HtpasswdTable.Limits()
        limits.diagnostics = 3
        let table = HtpasswdTable(bytes: Array(String(repeating: "x\n", count: 10).utf8), limits: limits)
        #expect(table.diagnostics.count == 3 && table.diagnosticCount == 10)
    }

    @Test("The typical hash is of the kind that most users have")
    func typical() {
        #expect(table("a:\(hash)\nb:\(other)\nc:\(other)\n").typicalHash?.format == .apr1)
        #expect(table("").typicalHash == nil)
    }

    @Test("Every user of a large file is found, and nobody else")
    func large() {
        let text = (0..<20_000).map { "user\($0):\(hash)\n" }.joined()
        let table = table(text)
        #expect(table.userCount == 20_000 && table.diagnosticCount == 0)
        for i in stride(from: 0, to: 20_000, by: 7) { #expect(format(table, "user\(i)") == .sha1) }
        #expect(table.entry(of: "user20000") == nil && table.entry(of: "user") == nil)
    }

    @Test("No random file makes the reader crash, and it knows exactly the users that a plain reading finds")
    func random() {
        let pieces = ["a", "bb", ":", "\n", "\r\n", "#", " ", "\t", hash, other, "é", "\u{0}", "$2y$10$", "\u{FEFF}"]
        for _ in 0..<1500 {
            let text = (0..<Int.random(in: 0...30)).map { _ in pieces.randomElement() ?? "" }.joined()
            let table = table(text)
            var plain: Set<String> = []
            let body = text.hasPrefix("\u{FEFF}") ? String(text.unicodeScalars.dropFirst()) : text
            for line in body.utf8.split(separator: UInt8(ascii: "\n")) {
                let trimmed = line.drop { " \t\r".utf8.contains($0) }
                guard trimmed.first != UInt8(ascii: "#"), let colon = trimmed.firstIndex(of: UInt8(ascii: ":")),
                    colon != trimmed.startIndex
                else { continue }
                plain.insert(String(decoding: trimmed[..<colon], as: UTF8.self))
            }
            #expect(table.userCount == plain.count, "\(text.debugDescription)")
            for user in plain {
                #expect(table.entry(of: UserName(user)) != nil, "\(user.debugDescription) of \(text.debugDescription)")
            }
        }
    }
}
