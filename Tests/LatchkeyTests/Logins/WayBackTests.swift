import Foundation
import TestSupport
import Testing

@Suite("Ways back from a provider: many at once, made-up codes, and a store that is away")
struct WayBackTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func start(_ issuer: FaultyIssuer) async throws -> Latchkey {
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        return try await Latchkey(
            configuration: { port in
                """
                http:
                  port: \(port)
                  externalURL: http://127.0.0.1:\(port)
                  trustedProxies: [127.0.0.1]
                  auth:
                    failDelay: 0
                    htpasswd: { path: htpasswd }
                    openid: { providers: { \(issuer.configuration()) } }
                storage: { rootDirectory: data }
                log: { audit: audit.log }
                """
            }, folder: folder)
    }

    /// Many browsers at once (fixtures/logins/visitors.py).
    /// - Returns: how often each status came.
    private func visit(
        _ server: Latchkey, _ kind: String, _ count: Int, atOnce: Int, from address: String
    ) async throws -> [String: Int] {
        let script = Slapd.repository.appending(path: "fixtures/logins/visitors.py").path
        let output = try await Program("python3", package: "python3").run(
            [script, server.url, "\(count)", "\(atOnce)", address, kind])
        return try #require(
            try? JSONDecoder().decode([String: Int].self, from: Data(output.standardOutput.utf8)), "\(output)")
    }

    @Test(
        "A way back that finds the store away has ended nothing: the same address works when the store is there, and once"
    )
    func storeAway() async throws {
        let issuer = try await FaultyIssuer()
        let server = try await start(issuer)
        let jar = ["-b", folder.path("jar"), "-c", folder.path("jar")]
        let curl = try Program("curl", package: "curl")
        func ask(_ url: String) async throws -> (status: String, location: String) {
            let output = try await curl.run(
                ["-s", "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}"] + jar + [url])
            let words = output.standardOutput.split(separator: " ").map(String.init)
            return (words.first ?? "", words.count > 1 ? words[1] : "")
        }
        let begun = try await ask(server.url + "/auth/login?provider=p1&rd=/auth/whoami")
        let back = try await ask(begun.location).location
        #expect(back.contains("/auth/callback/p1?"), "\(back)")
        let locked = try await LockedStore(folder)
        for _ in 0..<2 { #expect(try await ask(back).status == "503") }
        #expect(try issuer.count("/token") == 0, "the code went nowhere")
        await locked.end()
        #expect(try await ask(back).status == "302")
        #expect(try await server.curl("/auth/whoami", "-b", folder.path("jar")).status == "200")
        #expect(try await ask(back).status == "401", "nobody comes back a second time")
        #expect(try issuer.count("/token") == 1)
    }

    @Test(
        "Made-up codes of one network, many at once and slowly refused, keep nobody else out, and are soon not asked about"
    )
    func madeUp() async throws {
        try await alone {
            let issuer = try await FaultyIssuer()
            try issuer.become(pause: 0.3)
            let server = try await start(issuer)
            async let strangers = visit(server, "made-up", 300, atOnce: 100, from: "192.0.2.1")
            try await eventually("they are at it") { try issuer.count("/token") > 20 }
            #expect(try await visit(server, "honest", 20, atOnce: 5, from: "198.51.100.7") == ["302": 20])
            let refused = try await strangers
            let asked = refused["401"] ?? 0
            #expect(asked >= 50 && asked < 300 && refused["429"] == 300 - asked, "\(refused)")
            #expect(try issuer.count("/token") == asked + 20)
        }
    }

    @Test("Many people of one network who come back at once to a slow provider all come in")
    func nineOClock() async throws {
        try await alone {
            let issuer = try await FaultyIssuer()
            try issuer.become(pause: 1)
            let server = try await start(issuer)
            // Eight connections, and ten seconds for each with the wait for one, were enough for 75.
            #expect(try await visit(server, "honest", 120, atOnce: 120, from: "192.0.2.1") == ["302": 120])
            #expect(try issuer.count("/token") == 120)
        }
    }

    @Test(
        "A refusal in the provider's own words counts against who brings made-up codes; an outage and a wrong client count against nobody",
        arguments: [
            (400, #"{"error": "invalid_request"}"#, true), (403, "<html>no</html>", true),
            (400, #"{"error": "no such authorization code"}"#, true), (503, "busy", false),
            (401, #"{"error": "invalid_client"}"#, false),
        ])
    func refusals(_ status: Int, _ text: String, _ counts: Bool) async throws {
        let issuer = try await FaultyIssuer()
        try issuer.become(refusal: (status, text))
        let server = try await start(issuer)
        #expect(try await visit(server, "honest", 1, atOnce: 1, from: "198.51.100.7") == ["302": 1])
        let refused = try await visit(server, "made-up", 100, atOnce: 1, from: "192.0.2.1")
        let asked = refused[status == 503 ? "503" : "401"] ?? 0
        #expect(asked + (refused["429"] ?? 0) == 100 && (counts ? 50..<100 : 100..<101).contains(asked), "\(refused)")
        #expect(try issuer.count("/token") == asked + 1)
        #expect(try await visit(server, "honest", 1, atOnce: 1, from: "198.51.100.7") == ["302": 1])
    }

    @Test(
        "A thousand and more who begin a login at a provider that stalls keep nobody from a password, the page or the health check"
    )
    func stalled() async throws {
        try await alone {
            let issuer = try await FaultyIssuer()
            try issuer.become(stalled: ["/.well-known/openid-configuration"])
            let server = try await start(issuer)
            let visitors = try HeldConnections(server.port, 1600)
            visitors.send("GET /auth/login?provider=p1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            try await eventually("the provider is asked") {
                try issuer.count("/.well-known/openid-configuration") > 0
            }
            #expect(try await server.curl("/auth/login").status == "200")
            #expect(try await server.curl("/auth/verify", "-u", "amy:apple").status == "200")
            #expect(try await server.curl("/readyz").status == "200")
            let login = try await server.curl("/auth/login", "-d", "username=amy&password=apple")
            #expect(login.status == "303", "\(login)")
            withExtendedLifetime(visitors) {}
        }
    }
}
