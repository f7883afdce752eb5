import Foundation
import TestSupport
import Testing

@Suite("Requests mean one thing, from outside")
struct RequestMeaningTests {
    private static let keys = "/zot/auth/apikey"

    private func server() async throws -> Latchkey {
        let folder = try TemporaryFolder()
        let names = ["amy", "root", "Jane Doe"]
        try folder.write("htpasswd", names.map { "\($0):{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n" }.joined())
        return try await Latchkey(
            auth: """
                htpasswd: { path: htpasswd }, apikey: true, throttle: { enabled: false }, \
                apiKeys: { administrators: { users: [root] } }, tokens: { issuer: me, services: [registry] }
                """,
            folder: folder)
    }

    @Test("Whoever ends all keys of Jane Doe has ended them, however the space is written; a slip ends nobody's")
    func revoking() async throws {
        let server = try await server()
        for space in ["+", "%20"] {
            let (key, _) = try await server.createKey("Jane Doe:apple")
            let ended = try await server.curl(
                "\(Self.keys)?user=Jane\(space)Doe&all=true", "-X", "DELETE", "-u", "root:apple")
            #expect(ended.status == "200" && ended.body != #"{"revoked":[]}"#, "\(ended)")
            #expect(try await server.curl("/auth/verify", "-u", "Jane Doe:\(key)").status == "401")
        }
        let (own, _) = try await server.createKey("root:apple")
        for query in [
            "uesr=amy&all=true", "User=amy&all=true", "user=amy&user=root&all=true", "all=true&state=expired&n=1",
            "all=true&x",
        ] {
            let answer = try await server.curl("\(Self.keys)?\(query)", "-X", "DELETE", "-u", "root:apple")
            #expect(answer.status == "400", "\(query): \(answer)")
        }
        let mistyped = try await server.curl(
            "\(Self.keys)?uesr=ci-bot", "-u", "root:apple", "-d", #"{"expirationDate":"never"}"#)
        #expect(mistyped.status == "400" && !mistyped.body.contains("zak_"))
        #expect(try await server.curl("/auth/verify", "-u", "root:\(own)").status == "200", "it was nobody's order")
        let nobody = try await server.curl("\(Self.keys)?user=No+One&all=true", "-X", "DELETE", "-u", "root:apple")
        #expect(nobody.status == "404" && nobody.body.contains("'No One'"))
        #expect(try server.log.contains("uesr"), "the log says which it was")
        let link = try await server.curl("/v2/_zot/ext/mgmt?x")
        #expect(link.status == "400")
    }

    @Test("A field twice in a body makes no key, and one scope that can't be read takes nothing from the others")
    func bodies() async throws {
        let server = try await server()
        for body in [
            #"{"scopes":[],"scopes":["a"]}"#, #"{"expirationDate":"","expirationDate":"2099-01-01T00:00:00Z"}"#,
        ] {
            let answer = try await server.curl(Self.keys, "-u", "amy:apple", "-d", body)
            #expect(answer.status == "400" && answer.body.contains("twice"), "\(answer)")
        }
        let scopes = "scope=openid&scope=repository:team/a:pull&scope=artifact-repository:b:pull"
        for arguments in [
            ["/auth/token?service=registry&\(scopes)"],
            ["/auth/token", "-d", "grant_type=password&service=registry&\(scopes)"],
        ] {
            let answer =
                arguments.count == 1
                ? try await server.curl(arguments[0], "-u", "amy:apple")
                : try await server.curl(arguments[0], "-u", "amy:apple", arguments[1], arguments[2])
            #expect(answer.status == "200" && answer.body.contains(#""scope":"repository:team/a:pull""#), "\(answer)")
        }
        let (limited, _) = try await server.createKey("amy:apple", #"{"scopes":["team/**"]}"#)
        let (whole, _) = try await server.createKey("amy:apple", #"{"scopes":["*"]}"#)
        #expect(try await server.curl(Self.keys, "-u", "amy:\(limited)", "-d", "{}").status == "403")
        #expect(try await server.curl(Self.keys, "-u", "amy:\(whole)", "-d", "{}").status == "201")
    }
}
