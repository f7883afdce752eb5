import Credentials
import Foundation
import Logging
import TestSupport
import Testing

@testable import Htpasswd

extension HashLimits {
    /// Limits under which each hash of a test is quick: a step of each format takes a microsecond.
    static var quick: HashLimits {
        var limits = HashLimits()
        limits.speed = HashSpeed(seconds: Dictionary(uniqueKeysWithValues: HashFormat.allCases.map { ($0, 1e-6) }))
        limits.maximumTime = .milliseconds(10)
        limits.maximumMemory = 64 << 20
        return limits
    }
}

@Suite("What a hash may cost")
struct HashCostTests {
    private static let digest43 = String(repeating: "a", count: 43)
    private static let digest86 = String(repeating: "a", count: 86)
    /// As it came: one login as this user took a thread of the hashing lane for minutes.
    private static let reported =
        "$6$rounds=999999999$Zq3kT7wLm2NcXb9e$GTIm5ILUnBJfQnQqPs3n453q0L.MVlhsuoIhiR9AImE0kzoIfsGQnUC9Ny1ED7kloneLW/L3kNq7fIjWCazKp1"

    @Test(
        "Each format's parameters say what it costs",
        arguments: [
            ("$2y$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", 1024, 0),
            ("$6$saltsalt$\(digest86)", 5000, 0), ("$6$rounds=77777$saltsalt$\(digest86)", 77777, 0),
            ("$5$rounds=1000$saltsalt$\(digest43)", 1000, 0), (reported, 999_999_999, 0),
            // 2^12 blocks of 128 * 32 bytes: libcrypt's own default.
            ("$y$j9T$saltsalt$\(digest43)", 4096 * 32, 16 << 20), ("$gy$j9T$saltsalt$\(digest43)", 4096 * 32, 16 << 20),
            // 2^14 blocks of 128 * 8 bytes, scrypt's own recommendation of 2009; p = 1.
            ("$7$C6..../....saltsalt$\(digest43)", 16384 * 8, 16 << 20),
            ("_J9..rasmBYk8r9AiWNc", 725, 0), ("$sha1$64000$saltsalt$abcdefghijklmnopqrstuvwxyzab", 64000, 0),
            ("$md5,rounds=5000$saltsalt$$abcdefghijklmnopqrstuv", 9096, 0),
            ("$md5$saltsalt$$abcdefghijklmnopqrstuv", 4096, 0),
            ("$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2g", 65536 * 3, 64 << 20),
            ("rqXexS6ZhobKA", 0, 0), ("$1$salt$qJH7.N4xYta3aEG/dfqo/0", 0, 0),
            ("{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=", 0, 0),
        ] as [(String, UInt64, UInt64)])
    func cost(hash: String, steps: UInt64, memory: UInt64) throws {
        let cost = try PasswordHash(Array(hash.utf8)).cost
        #expect(cost == HashCost(steps: steps, memory: memory))
    }

    @Test(
        "A hash of enormous cost is refused when the file is read, with its line and the limit's name",
        arguments: [
            reported, "$5$rounds=999999999$saltsalt$\(digest43)",
            "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
            "$y$jMT$saltsalt$\(digest43)", "$gy$jMT$saltsalt$\(digest43)", "$7$zU..../....saltsalt$\(digest43)",
            "$7$26....zzzzzsaltsalt$\(digest43)", "$md5,rounds=4294967295$saltsalt$$abcdefghijklmnopqrstuv",
            "_zzzzrasmBYk8r9AiWNc", "$sha1$4294967295$saltsalt$abcdefghijklmnopqrstuvwxyzab",
            "$argon2id$v=19$m=8,t=4294967295,p=1$c29tZXNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2g",
            "$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2g",
        ])
    func enormous(hash: String) throws {
        var limits = HtpasswdTable.Limits()
        limits.hashes.maximumTime = .milliseconds(500)
        let table = HtpasswdTable(bytes: Array("# a file\na:\(hash)\n".utf8), limits: limits)
        guard case .unusable = table.entry(of: "a") else {
            Issue.record("it would be verified")
            return
        }
        let diagnostic = try #require(table.diagnostics.first)
        guard case .tooCostly = diagnostic.kind else {
            Issue.record("\(diagnostic)")
            return
        }
        #expect(diagnostic.line == 2 && diagnostic.description.contains("maximumHash"), "\(diagnostic)")
        #expect(table.typicalHash == nil, "the cost of a refusal is never that of a refused hash")
        #expect(table.usableCount == 0 && !"\(diagnostic)".contains("salt"))
    }

    @Test("A login as a user with such a hash, or as nobody, is refused at once, and the others go on")
    func others() async throws {
        let folder = try TemporaryFolder()
        let fine = "{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE="
        try folder.write("users", "a:\(Self.reported)\nb:\(Self.reported)\nc:\(Self.reported)\namy:\(fine)\n")
        let lane = WorkLane(name: "hashing", threads: 1, maximumQueued: 16)
        let source = try await HtpasswdSource(
            path: folder.path("users"), hashing: lane, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let start = ContinuousClock.now
        for user in ["a", "b", "nobody"] {
            let credential = BasicCredential(userName: UserName(user), secret: Secret("x"))
            if case .authenticated = await source.judge(credential) { Issue.record("\(user) is let in") }
            await source.spendCostOfRefusal(credential)
        }
        guard case .rejected(.wrongPassword, _) = await source.judge(.init(userName: "amy", secret: Secret("x"))) else {
            Issue.record("amy's hash is not looked at")
            return
        }
        // Such a hash takes far longer, and on a busy machine a test may wait for its turn for long.
        #expect(ContinuousClock.now - start < .seconds(120))
    }

    @Test("Formats have limits of their own where an operator sets them, and bcrypt an exact one")
    func overrides() throws {
        var limits = HashLimits.quick
        let sha = try PasswordHash(Array("$6$rounds=20000$saltsalt$\(Self.digest86)".utf8))
        #expect(limits.excess(sha.format, sha.cost) == .time(seconds: 0.02, limit: .milliseconds(10)))
        limits.maximumTimes[.sha512Crypt] = .milliseconds(20)
        #expect(limits.excess(sha.format, sha.cost) == nil)
        limits.maximumBcryptCost = 12
        let bcrypt = { (cost: Int) in limits.excess(.bcrypt, .bcrypt(cost)) }
        #expect(bcrypt(12) == nil && bcrypt(13) == .bcryptCost(13, limit: 12))
        #expect(limits.excess(.yescrypt, HashCost(steps: 1, memory: 65 << 20)) != nil)
    }

    @Test("A secret so long that SHA-crypt would take over its time is too long, and takes no longer than others")
    func longSecrets() throws {
        var limits = HashLimits.quick
        limits.maximumTime = .milliseconds(5)
        let hash = try PasswordHash(Array("$6$rounds=5000$saltsalt$\(Self.digest86)".utf8))
        #expect(hash.verify(Secret(String(repeating: "x", count: 400)), limits: limits) == .tooLong)
        #expect(hash.verify(Secret(String(repeating: "x", count: 20)), limits: limits) == .mismatch)
        limits.maximumTime = .seconds(1)
        #expect(hash.verify(Secret(String(repeating: "x", count: 400)), limits: limits) == .mismatch)
        #expect(
            hash.verify(Secret(String(repeating: "x", count: 600)), limits: limits) == .tooLong, "libcrypt's own limit")
    }

    @Test("What this machine does in the limit is near what the limit says")
    func measured() throws {
        let limits = HashLimits()
        for format in [HashFormat.bcrypt, .sha512Crypt, .yescrypt, .argon2] {
            let steps = limits.maximumSteps(of: format)
            #expect(steps > 1000 && steps < 1 << 40, "\(format): \(steps)")
        }
        #expect("\(limits)".contains("bcrypt so a cost of at most 1"), "\(limits)")
    }

    @Test("No parameters make the reader crash")
    func random() {
        let marks = [
            "$y$", "$gy$", "$7$", "$6$rounds=", "$5$", "$md5,rounds=", "$sha1$", "$argon2id$v=19$m=", "_", "$2b$",
        ]
        let letters = Array("./09AZaz$=,tpm18446744073709551615")
        for _ in 0..<5000 {
            let text =
                (marks.randomElement() ?? "")
                + String((0..<Int.random(in: 0...60)).map { _ in letters.randomElement() ?? "a" })
            guard let hash = try? PasswordHash(Array("\(text)$\(Self.digest43)".utf8)) else { continue }
            _ = HashLimits.quick.excess(hash.format, hash.cost)
        }
    }
}
