import Foundation
import TestSupport
import Testing

@Suite("Providers with faults")
struct ProviderFaultTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func start(
        _ issuer: FaultyIssuer, _ more: String = "", http: String = "", environment: [String: String] = [:]
    ) async throws -> Latchkey {
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        return try await Latchkey(
            configuration: { port in
                """
                http:
                  port: \(port)
                  trustedProxies: [127.0.0.1]
                  \(http)
                  auth:
                    failDelay: 0
                    htpasswd: { path: htpasswd }
                    bearer: { oidc: [{ issuer: "\(issuer.issuer)", audiences: [latchkey], anybody: true \(more) }] }
                    openid: { providers: { \(issuer.configuration(more)) } }
                storage: { rootDirectory: data }
                log: { audit: audit.log }
                """
            }, folder: folder, environment: environment)
    }

    /// Logs somebody in with curl: to the provider, back, and to a page.
    private func logIn(_ server: Latchkey, _ jar: String = "jar", from address: String = "192.0.2.1") async throws
        -> String
    {
        try await server.curl(
            "/auth/login?provider=p1&rd=/auth/whoami", "-kL", "--noproxy", "*", "-m", "40", "-b", folder.path(jar),
            "-c",
            folder.path(jar), "-H", "X-Forwarded-For: \(address)"
        ).status
    }

    private func judge(_ server: Latchkey, _ token: String) async throws -> String {
        try await server.curl("/auth/verify", "-m", "40", "-H", "Authorization: Bearer \(token)").status
    }

    private func claims(_ issuer: FaultyIssuer) -> [String: any Sendable] {
        let now = Int(Date.now.timeIntervalSince1970)
        return ["iss": issuer.issuer, "sub": "job", "aud": "latchkey", "iat": now, "exp": now + 3000]
    }

    @Test(
        "An answer that begins and does not end, or comes by the byte, is given up in ten seconds, and the next login after that works at once",
        arguments: ["/.well-known/openid-configuration", "/keys", "/token", "/userinfo"])
    func unending(_ path: String) async throws {
        let issuer = try await FaultyIssuer()
        try issuer.become(stalled: path == "/keys" || path == "/token" ? [path] : [], trickling: [path])
        let server = try await start(issuer)
        let begun = ContinuousClock.now
        async let other = logIn(server, "other")
        #expect(try await logIn(server) == "503")
        #expect(try await other == "503")
        let taken = ContinuousClock.now - begun
        // curl gives up after 40 s: that the answer came is the bound above.
        #expect(taken > .seconds(9), "\(taken)")
        try issuer.become()
        #expect(try await logIn(server, "third") == "200")
        #expect(try server.log.contains("no whole answer came within 10 s"))
    }

    @Test("Tokens of workloads end in time, and a stranger's logout token hangs nobody whose key is known")
    func strangers() async throws {
        let issuer = try await FaultyIssuer()
        let server = try await start(issuer)
        let token = try await issuer.token(claims(issuer))
        #expect(try await logIn(server) == "200")
        try issuer.become(stalled: ["/keys"])
        // Nobody has signed it, under a name that nobody knows.
        let stranger = "eyJhbGciOiJFUzI1NiIsImtpZCI6IngifQ.e30." + String(repeating: "A", count: 86)
        try await eventually("the keys may be asked for again") {
            _ = try await server.curl("/auth/backchannel-logout/p1", "-m", "1", "-d", "logout_token=\(stranger)")
            return try issuer.count("/keys") > 1
        }
        let begun = ContinuousClock.now
        #expect(try await logIn(server, "second") == "200")
        #expect(ContinuousClock.now - begun < .seconds(9), "less than the time of a question")
        async let judged = judge(server, token)
        #expect(try await judged == "503", "its keys were never there")
        try issuer.become()
        #expect(try await judge(server, token) == "200")
    }

    @Test("A provider that does not answer does not keep the server from stopping")
    func stopping() async throws {
        let issuer = try await FaultyIssuer()
        try issuer.become(stalled: ["/token"])
        let server = try await start(issuer)
        async let stuck = logIn(server)
        try await eventually("the token endpoint is asked") { try issuer.count("/token") == 1 }
        #expect(await server.stop() == 0)
        _ = try await stuck
        // Told by what ended the question and not by a clock: the machine may have much else to do.
        let log = try server.log
        #expect(log.contains("login-failed") && !log.contains("no whole answer came within"), "\(log)")
    }

    @Test("Codes that the provider does not take slow down the network that brings them, and no other")
    func wrongCodes() async throws {
        let issuer = try await FaultyIssuer()
        try issuer.become(refusesCodes: true)
        let server = try await start(issuer)
        var answers: [String: Int] = [:]
        for _ in 0..<60 { answers[try await logIn(server), default: 0] += 1 }
        let asked = try issuer.count("/token")
        #expect(
            asked >= 50 && asked < 60 && answers["401"] == asked && answers["429"] == 60 - asked, "\(answers) \(asked)")
        try issuer.become()
        let far = try await logIn(server, "far", from: "198.51.100.7")
        #expect(far == "200")
        #expect(try folder.text("audit.log").contains("throttled"))
    }

    @Test(
        "A key that is replaced under its own name, or without names, is there within the pause, at each door; the old one is not",
        arguments: [true, false])
    func newKey(_ isNamed: Bool) async throws {
        let issuer = try await FaultyIssuer()
        try issuer.become(isNamed: isNamed)
        let server = try await start(issuer)
        let old = try await issuer.token(claims(issuer))
        #expect(try await judge(server, old) == "200")
        #expect(try await logIn(server) == "200")
        try issuer.become(keys: 1, isNamed: isNamed)
        let new = try await issuer.token(claims(issuer))
        try await eventually("the new key is known") { try await judge(server, new) == "200" }
        #expect(try await judge(server, old) == "401", "though it was verified a moment ago")
        try await eventually("people log in") { try await logIn(server, "second") == "200" }
    }

    @Test(
        "A certificate that is not trusted is explained; with its authority named people log in",
        arguments: ["authority", "self-signed", "expired", "host"])
    func certificates(_ fault: String) async throws {
        let certificates =
            switch fault {
            case "self-signed": try await Certificates(isSelfSigned: true)
            case "expired": try await Certificates(days: -1)
            case "host": try await Certificates(host: "DNS:sso.example.org")
            default: try await Certificates()
            }
        let issuer = try await FaultyIssuer(certificates: certificates)
        let server = try await start(issuer)
        #expect(try await logIn(server) == "503")
        let words =
            switch fault {
            case "self-signed": "its certificate is self-signed and is not trusted"
            case "expired": "its certificate has expired"
            case "host": "its certificate is for another host than '127.0.0.1'"
            default: "the authority of its certificate is not trusted"
            }
        #expect(try server.log.contains(words))
        #expect(try !server.log.contains("NIOSSL"))
        await server.stop()
        let trusted = fault == "self-signed" ? certificates.certificate : certificates.authority
        let trusting = try await start(issuer, ", certificateAuthorityFile: \(trusted)")
        #expect(try await logIn(trusting) == (["authority", "self-signed"].contains(fault) ? "200" : "503"))
        let check = try await Latchkey.program.run(["check", "--config", folder.path("latchkey.yaml")])
        #expect(
            check.standardOutput.contains(["authority", "self-signed"].contains(fault) ? "openid: ok" : words),
            "\(check)")
    }

    @Test("An authority's file that is replaced comes into force")
    func replacedAuthority() async throws {
        let (right, wrong) = (try await Certificates(), try await Certificates())
        let issuer = try await FaultyIssuer(certificates: right)
        let authority = folder.path("authority.pem")
        try FileManager.default.copyItem(atPath: wrong.authority, toPath: authority)
        let server = try await start(issuer, ", certificateAuthorityFile: \(authority)")
        #expect(try await logIn(server) == "503")
        #expect(try server.log.contains("not of the authority that certificateAuthority"))
        try Data(contentsOf: URL(filePath: right.authority)).write(to: URL(filePath: authority), options: .atomic)
        try await eventually("people log in") { try await logIn(server) == "200" }
    }

    @Test("Providers are asked through the proxy of the environment, but for those that no_proxy names")
    func proxy() async throws {
        let certificates = try await Certificates()
        let issuer = try await FaultyIssuer(certificates: certificates)
        let port = try Ports.free()
        try folder.write(
            "tinyproxy.conf",
            """
            Port \(port)
            Listen 127.0.0.1
            Allow 127.0.0.1
            BasicAuth me secret
            LogFile "\(folder.path("proxy.log"))"
            LogLevel Connect
            """)
        let proxy = try Program("tinyproxy", package: "tinyproxy-bin").start(
            ["-d", "-c", folder.path("tinyproxy.conf")], output: folder.url("proxy.out"), error: folder.url("proxy.out")
        )
        defer { proxy.signal(9) }
        try await eventually("the proxy listens") { Ports.isOpen(port) }
        func asked() throws -> Int { try folder.text("proxy.log").matches(of: #/CONNECT 127\.0\.0\.1:/#).count }
        let trust = ", certificateAuthorityFile: \(certificates.authority)"
        let name = "http://me:secret@127.0.0.1:\(port)"
        let server = try await start(issuer, trust, environment: ["HTTPS_PROXY": name, "NO_PROXY": "", "no_proxy": ""])
        #expect(try await logIn(server) == "200")
        let count = try asked()
        #expect(count > 0)
        await server.stop()
        let direct = try await start(
            issuer, trust, environment: ["HTTPS_PROXY": name, "no_proxy": "example.org,127.0.0.0/8"])
        #expect(try await logIn(direct) == "200")
        #expect(try asked() == count)
        await direct.stop()
        let wrong = try await start(
            issuer, trust, environment: ["https_proxy": "http://127.0.0.1:\(port)", "no_proxy": ""])
        #expect(try await logIn(wrong) == "503")
        #expect(try wrong.log.contains("the proxy asks who this server is"))
    }

    @Test("Deep lists that nobody has signed cost a look, and a token that is too long is said to be too long")
    func unsigned() async throws {
        let issuer = try await FaultyIssuer()
        let server = try await start(issuer)
        func part(_ text: String) -> String {
            Data(text.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
                "=", with: "")
        }
        let list = String(repeating: "[", count: 505) + String(repeating: "]", count: 505)
        let payload = #"{"a":["# + Array(repeating: list, count: 11).joined(separator: ",") + "]}"
        let token =
            "\(part(#"{"alg":"RS256","kid":"k1"}"#)).\(part(payload)).\(part(String(repeating: "x", count: 256)))"
        let before = try server.processorTime
        for _ in 0..<6 { #expect(try await judge(server, token) == "401") }
        let taken = try server.processorTime - before
        #expect(taken < .seconds(2), "\(taken)")
        let long = "\(part(#"{"alg":"RS256"}"#)).\(String(repeating: "A", count: 27_000)).AAAA"
        #expect(try await judge(server, long) == "401")
        try await eventually("the trail tells") {
            try folder.text("audit.log").contains(#""reason":"secret-too-long""#)
        }
    }
}
