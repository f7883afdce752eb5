import Foundation
import TestSupport
import Testing

/// Names that are given again: by an htpasswd file, which knows nothing of a person but the name.
@Suite("Whoever gets the name of somebody who has left inherits nothing")
struct RecycledNamesTests {
    private static let apple = "{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA="
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try file("alice", "root")
    }

    private func file(_ users: String...) throws {
        try folder.write("htpasswd", users.map { "\($0):\(Self.apple)\n" }.joined())
    }

    private func start() async throws -> Latchkey {
        try await Latchkey(
            auth: "htpasswd: { path: htpasswd }, apikey: true, apiKeys: { administrators: { users: [root] } }",
            folder: folder)
    }

    private func status(_ server: Latchkey, _ credential: String) async throws -> String {
        try await server.curl("/v2/", "-u", credential).status
    }

    private func become(_ server: Latchkey, _ credential: String, _ wanted: String) async throws {
        try await eventually("\(credential) is \(wanted)") { try await status(server, credential) == wanted }
    }

    @Test("A key of somebody whom a reload did not find stays dead when the name is given again, until it is restored")
    func reload() async throws {
        let server = try await start()
        let (key, id) = try await server.createKey("alice:apple")
        let (revoked, revokedID) = try await server.createKey("alice:apple")
        _ = try await server.curl("/zot/auth/apikey?id=\(revokedID)", "-X", "DELETE", "-u", "alice:apple")
        let bot = try await server.curl(
            "/zot/auth/apikey?user=bot", "-u", "root:apple", "-d",
            #"{"expirationDate": "never", "responsible": "alice"}"#)
        let botKey = try #require(bot.body.firstMatch(of: /zak_[0-9a-f]{32}/)).output
        let states = (try await status(server, "alice:\(key)"), try await status(server, "bot:\(botKey)"))
        #expect(states == ("200", "200"))
        try file("root")
        try await become(server, "alice:apple", "401")
        try await eventually("the trail tells of it") {
            try folder.text("audit.log").contains(#""event":"owner-departed","user":"alice""#)
        }
        try file("alice", "root")
        try await become(server, "alice:apple", "200")
        for dead in ["alice:\(key)", "bot:\(botKey)"] { #expect(try await status(server, dead) == "401", "\(dead)") }
        let listed = try await server.curl("/zot/auth/apikey?state=all", "-u", "alice:apple").body
        #expect(listed.contains(#""revokedBy":"departure""#), "\(listed)")
        let (new, _) = try await server.createKey("alice:apple")
        #expect(try await status(server, "alice:\(new)") == "200")

        // As the documentation has it.
        let page = try String(contentsOf: Slapd.repository.appending(path: "docs/keys.md"), encoding: .utf8)
        #expect(page.contains("\nlatchkey apikey restore alice\nlatchkey apikey restore --everybody "))
        let restored = try await Latchkey.program.run(
            ["apikey", "restore", "alice"], input: Data("apple\n".utf8),
            environment: ["LATCHKEY_SERVER": server.url, "LATCHKEY_USER": "root"])
        #expect(restored.status == 0 && restored.standardOutput.contains(id), "\(restored)")
        #expect(!restored.standardOutput.contains(revokedID))
        for live in ["alice:\(key)", "bot:\(botKey)", "alice:\(new)"] {
            #expect(try await status(server, live) == "200", "\(live)")
        }
        #expect(try await status(server, "alice:\(revoked)") == "401", "what somebody has revoked stays so")
        try file("root")
        try await become(server, "alice:apple", "401")
        try file("alice", "root")
        try await become(server, "alice:apple", "200")
        #expect(try await status(server, "alice:\(key)") == "401")
        let all = try await Latchkey.program.run(
            ["apikey", "restore", "--everybody", "--server", server.url, "-u", "root"], input: Data("apple\n".utf8))
        #expect(all.status == 0 && all.standardOutput.contains(id), "\(all)")
        #expect(try await status(server, "alice:\(key)") == "200")
        let nobody = try await Latchkey.program.run(
            ["apikey", "restore", "nobody", "--server", server.url, "-u", "root"], input: Data("apple\n".utf8))
        #expect(nobody.status == 1, "\(nobody)")
    }

    @Test(
        "A line that was taken out while the server was stopped counts, too, and a restart without a change ends nothing"
    )
    func restart() async throws {
        let server = try await start()
        let (key, _) = try await server.createKey("alice:apple")
        let (roots, _) = try await server.createKey("root:apple")
        await server.stop()
        let again = try await Latchkey(restarting: server)
        let states = (try await status(again, "alice:\(key)"), try await status(again, "root:\(roots)"))
        #expect(states == ("200", "200"))
        await again.stop()
        try file("root")
        let third = try await Latchkey(restarting: again)
        try file("alice", "root")
        try await become(third, "alice:apple", "200")
        #expect(try await status(third, "alice:\(key)") == "401")
        #expect(try await status(third, "root:\(roots)") == "200")
    }

    @Test("A locked line and a changed password are no departure")
    func locked() async throws {
        let server = try await start()
        let (key, _) = try await server.createKey("alice:apple")
        try folder.write("htpasswd", "alice:!\nroot:\(Self.apple)\n")
        try await become(server, "alice:\(key)", "401")
        try folder.write("htpasswd", "alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\nroot:\(Self.apple)\n")
        try await become(server, "alice:\(key)", "200")
    }
}
