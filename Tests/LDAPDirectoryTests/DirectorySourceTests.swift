import Credentials
import Foundation
import LDAPDirectory
import Logging
import TestSupport
import Testing

@Suite("The directory source against a real slapd", .serialized)
struct DirectorySourceTests {
    private func source(_ url: String, _ change: (inout DirectoryOptions) -> Void = { _ in }) -> DirectorySource {
        var options = DirectoryOptions(urls: [url], baseDN: "ou=Users,dc=example,dc=org")
        options.serviceAccount = .init(
            bindDN: "cn=latchkey,dc=example,dc=org", password: Secret("service-password"))
        options.groups.attribute = "memberOf"
        options.connectTimeout = .seconds(1)
        options.operationTimeout = .seconds(1)
        change(&options)
        return DirectorySource(options, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func says(_ source: DirectorySource, _ user: String, _ password: String) async -> String {
        switch await source.judge(.init(userName: UserName(user), secret: Secret(password))) {
        case .authenticated(let principal): principal.userName.text
        case .rejected(let reason, _): reason.rawValue
        case .unknownUser: "unknown"
        case .unavailable(let failure): "unavailable: \(failure.code.rawValue)"
        }
    }

    @Test("A user comes with the directory's name, groups, display name and mail")
    func principal() async throws {
        let slapd = try await Slapd()
        guard
            case .authenticated(let alice) = await source(slapd.url).judge(
                .init(userName: "ALICE", secret: Secret("alice-password")))
        else {
            Issue.record("not authenticated")
            return
        }
        #expect(alice.userName == "alice" && alice.source == .ldap)
        #expect(alice.groups.map(\.name) == ["admins", "developers, backend"])
        #expect(alice.groups[0].matches("CN=admins,ou=Groups,dc=example,dc=org") && alice.groups[0].matches("admins"))
        #expect(alice.displayName == "Alice" && alice.email == "alice@example.org")
    }

    @Test("Wrong passwords, unknown users, filtered users and names of several people are told apart")
    func verdicts() async throws {
        let slapd = try await Slapd()
        let source = source(slapd.url) { $0.userFilter = "(!(employeeType=left))" }
        #expect(await says(source, "alice", "wrong") == "wrong-password")
        #expect(await says(source, "nobody", "x") == "unknown")
        #expect(await says(source, "lory", "lory-password") == "unknown")
        #expect(await says(source, "tweedle", "dee-password") == "ambiguous-user")
        #expect(await says(source, "hatter", "hatter-password") == "hatter")
        #expect(await says(source, "José (Pepe) * \\", "contraseña") == "José (Pepe) * \\")
    }

    @Test(
        "What stands in a user name is never part of the filter",
        arguments: ["*", "ali*", "*)(uid=*", "alice)(cn=*", "\\2a", "(", "\\"])
    func injection(name: String) async throws {
        let slapd = try await Slapd()
        #expect(await says(source(slapd.url), name, "alice-password") == "unknown")
    }

    @Test("A search of one level does not see the branches below")
    func oneLevel() async throws {
        let slapd = try await Slapd()
        let source = source(slapd.url) { $0.scope = .oneLevel }
        #expect(await says(source, "alice", "alice-password") == "alice")
        #expect(await says(source, "hatter", "hatter-password") == "unknown")
    }

    @Test("A service account that is refused, or a base that is not there, makes the source unavailable")
    func misconfigured() async throws {
        let slapd = try await Slapd()
        let refused = source(slapd.url) {
            $0.serviceAccount = .init(bindDN: "cn=latchkey,dc=example,dc=org", password: Secret("old-password"))
        }
        #expect(await says(refused, "alice", "alice-password") == "unavailable: misconfigured")
        let lost = source(slapd.url) { $0.bases = ["ou=Nowhere,dc=example,dc=org"] }
        #expect(await says(lost, "alice", "alice-password") == "unavailable: misconfigured")
        guard case .unavailable(let failure) = await refused.state() else {
            Issue.record("not unavailable")
            return
        }
        #expect(failure.detail.contains("cn=latchkey") && !failure.detail.contains("old-password"))
    }

    @Test("StartTLS and ldaps work with the private authority, and with no other")
    func tls() async throws {
        let certificates = try await Certificates()
        let other = try await Certificates()
        let plain = try await Slapd(certificates: certificates)
        let secure = try await Slapd(scheme: "ldaps", certificates: certificates)
        for (url, startTLS) in [(plain.url, true), (secure.url, false)] {
            let trusted = source(url) { ($0.startTLS, $0.trust) = (startTLS, .file(certificates.authority)) }
            #expect(await says(trusted, "alice", "alice-password") == "alice", "\(url)")
            let system = source(url) { $0.startTLS = startTLS }
            #expect(await says(system, "alice", "alice-password").hasPrefix("unavailable"), "\(url)")
            let wrong = source(url) { ($0.startTLS, $0.trust) = (startTLS, .file(other.authority)) }
            #expect(await says(wrong, "alice", "alice-password").hasPrefix("unavailable"), "\(url)")
            let anything = source(url) { ($0.startTLS, $0.trust) = (startTLS, .anything) }
            #expect(await says(anything, "alice", "alice-password") == "alice", "\(url)")
        }
    }

    @Test("A server without TLS never gets a password when StartTLS is configured")
    func noDowngrade() async throws {
        let slapd = try await Slapd()
        #expect(
            await says(source(slapd.url) { $0.startTLS = true }, "alice", "alice-password").hasPrefix("unavailable"))
    }

    @Test("A directory that is down is unavailable, and recovers by itself")
    func recovery() async throws {
        let slapd = try await Slapd()
        let source = source(slapd.url)
        #expect(await says(source, "alice", "alice-password") == "alice")
        await slapd.stop()
        #expect(await says(source, "alice", "alice-password") == "unavailable: unreachable")
        try await slapd.start()
        #expect(await says(source, "alice", "alice-password") == "alice")
    }

    @Test("Connections that the server closed meanwhile fail no login")
    func staleConnections() async throws {
        let slapd = try await Slapd()
        let source = source(slapd.url)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = await says(source, "alice", "alice-password") } }
        }
        await slapd.stop()
        try await slapd.start()
        #expect(await says(source, "alice", "alice-password") == "alice")
        #expect(await says(source, "alice", "wrong") == "wrong-password")
    }

    @Test("A wrong password that is repeated does not reach the directory again, and the right one is always tried")
    func repeatedWrongPassword() async throws {
        let slapd = try await Slapd()
        let source = source(slapd.url)
        #expect(await says(source, "alice", "wrong") == "wrong-password")
        await slapd.stop()
        #expect(await says(source, "alice", "wrong") == "wrong-password", "from memory: the directory is down")
        #expect(await says(source, "alice", "alice-password") == "unavailable: unreachable")
        #expect(await says(source, "bob", "wrong") == "unavailable: unreachable")
    }

    @Test("A server that stops answering is unavailable within the operation's deadline")
    func silent() async throws {
        let slapd = try await Slapd()
        let source = source(slapd.url)
        #expect(await says(source, "alice", "alice-password") == "alice")
        try await slapd.freeze()
        let clock = ContinuousClock()
        let start = clock.now
        #expect(await says(source, "alice", "alice-password") == "unavailable: timed-out")
        #expect(clock.now - start < .seconds(20), "it never answers")
        slapd.signal(SIGCONT)
        try await eventually("it answers again") { await says(source, "alice", "alice-password") == "alice" }
    }

    @Test("A network that drops packets is unavailable within the connect deadline, in plain and in TLS")
    func blackHole() async throws {
        for scheme in ["ldap", "ldaps"] {
            let (verdict, elapsed) = try await Ports.withBlackHole { port in
                let clock = ContinuousClock()
                let start = clock.now
                return (await says(source("\(scheme)://127.0.0.1:\(port)"), "alice", "x"), clock.now - start)
            }
            #expect(verdict.hasPrefix("unavailable"), "\(scheme): \(verdict)")
            // The system's own deadline is over two minutes.
            #expect(elapsed < .seconds(20), "\(scheme): \(elapsed)")
        }
    }

    @Test("Many logins at once each get their own answer")
    func concurrent() async throws {
        let slapd = try await Slapd()
        let source = source(slapd.url)
        await withTaskGroup(of: (Bool, String).self) { group in
            for i in 0..<100 {
                group.addTask { (i % 2 == 0, await says(source, "alice", i % 2 == 0 ? "alice-password" : "wrong\(i)")) }
            }
            for await (isRight, answer) in group { #expect(answer == (isRight ? "alice" : "wrong-password")) }
        }
    }

    @Test("A key's owner is looked up without any password")
    func lookUp() async throws {
        let slapd = try await Slapd()
        let source = source(slapd.url) { $0.userFilter = "(!(employeeType=left))" }
        guard case .found(let alice) = await source.lookUp(userName: "alice"),
            case .absent = await source.lookUp(userName: "lory"),
            case .absent = await source.lookUp(userName: "nobody")
        else {
            Issue.record("wrong answers")
            return
        }
        #expect(alice.groups.count == 2)
    }
}
