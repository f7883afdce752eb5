import Credentials
import Foundation
import LDAPDirectory
import Logging
import TestSupport
import Testing

@Suite("A directory under faults", .serialized)
struct FaultTests {
    private let clock = ContinuousClock()

    @Test(
        "A peer that is silent in the TLS handshake, or drips, costs its deadline and no more, and the next server answers",
        arguments: [
            ("ldaps", FaultyPeer.Fault.mute), ("ldaps", .dripping), ("ldap", .muteAfterStartTLS), ("ldap", .mute),
        ])
    func silentHandshake(scheme: String, fault: FaultyPeer.Fault) async throws {
        let certificates = try await Certificates()
        let (peer, slapd) = (try await FaultyPeer(fault), try await Slapd(scheme: scheme, certificates: certificates))
        func source(_ urls: [String]) -> DirectorySource {
            Directory.source(urls) {
                $0.trust = .file(certificates.authority)
                $0.startTLS = scheme == "ldap"
                $0.maximumConnections = 4
            }
        }
        let url = "\(scheme)://127.0.0.1:\(peer.port)"
        let alone = source([url])
        let start = clock.now
        // More logins than threads: each of them ends, and so does each thread's work.
        let answers = await withTaskGroup(of: String.self) { group in
            for client in 0..<6 { group.addTask { await alone.says("alice", "alice-password\(client)") } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.hasPrefix("unavailable") }, "\(answers)")
        // Without a deadline it would be never; a busy machine is late by seconds.
        #expect(clock.now - start < .seconds(60))
        let both = source([url, slapd.url])
        let together = await withTaskGroup(of: String.self) { group in
            for _ in 0..<6 { group.addTask { await both.says("alice", "alice-password") } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(together == Array(repeating: "alice", count: 6))
    }

    @Test("The first login, with a first server that takes connections and says nothing, is the second server's")
    func mute() async throws {
        let (peer, slapd) = (try await FaultyPeer(.mute), try await Slapd())
        let source = Directory.source(["ldap://127.0.0.1:\(peer.port)", slapd.url])
        #expect(await source.says("alice", "alice-password") == "alice")
        #expect(await source.says("alice", "wrong") == "wrong-password")
        let three = Directory.source([
            "ldap://127.0.0.1:\(peer.port)", "ldap://127.0.0.1:\(peer.port)", slapd.url,
        ]) { $0.operationTimeout = .seconds(5) }
        #expect(await three.says("alice", "alice-password") == "alice", "two silent servers share the deadline")
    }

    @Test("A server that freezes in mid-use fails no login whose password it had not been sent")
    func freeze() async throws {
        let (first, second) = (try await Slapd(), try await Slapd())
        let source = Directory.source([first.url, second.url])
        #expect(await source.says("alice", "alice-password") == "alice")
        try await first.freeze()
        let answers = await withTaskGroup(of: String.self) { group in
            for client in 0..<30 {
                group.addTask { await source.says("alice", client % 2 == 0 ? "alice-password" : "wrong\(client)") }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0 == "alice" } == 15 && answers.count { $0 == "wrong-password" } == 15, "\(answers)")
        first.signal(SIGCONT)
    }

    @Test("Kept connections that died without a word cost one wait, and nobody a login")
    func forgotten() async throws {
        let slapd = try await Slapd()
        let relay = try await FaultyPeer(.forgetful(to: slapd.port))
        // A kept connection is given half of it before it is taken for dead: one that searches, and then one that binds.
        let source = Directory.source(["ldap://127.0.0.1:\(relay.port)"]) {
            $0.operationTimeout = .seconds(6)
            $0.loginDeadline = .seconds(60)
        }
        let crowd = { (count: Int) in
            await withTaskGroup(of: String.self) { group in
                for client in 0..<count { group.addTask { await source.says("alice", "wrong\(client)-\(count)") } }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(await crowd(12) == Array(repeating: "wrong-password", count: 12))
        try await relay.kill()
        let start = clock.now
        #expect(await source.says("alice", "alice-password") == "alice")
        #expect(clock.now - start < .seconds(12), "one wait of each kind, and not one for each connection")
        let after = clock.now
        #expect(await crowd(13) == Array(repeating: "wrong-password", count: 13))
        #expect(clock.now - after < .seconds(3), "those of the same age are gone with it")
    }

    @Test("A password that a dead connection may have delivered is not sent again, and nobody else waits for it")
    func forgottenBind() async throws {
        let slapd = try await Slapd()
        let relay = try await FaultyPeer(.forgetful(to: slapd.port))
        let source = Directory.source(["ldap://127.0.0.1:\(relay.port)"]) {
            $0.bindDNTemplate = "uid={user},ou=Users,dc=example,dc=org"
            $0.operationTimeout = .seconds(8)
        }
        #expect(await source.says("alice", "alice-password") == "alice")
        try await relay.kill()
        #expect(await source.says("alice", "alice-password") == "unavailable: timed-out")
        let start = clock.now
        #expect(await source.says("lory", "lory-password") == "lory")
        #expect(clock.now - start < .seconds(4), "no second wait")
    }

    @Test(
        "A password of which TCP says that nothing arrived is sent again, on a new connection",
        .enabled("a host of its own needs root, and a kernel that allows it") { try await NetworkHost.isPossible })
    func unacknowledged() async throws {
        let host = try await NetworkHost()
        let slapd = try await Slapd(host: host)
        let source = Directory.source([slapd.url]) {
            $0.bindDNTemplate = "uid={user},ou=Users,dc=example,dc=org"
            $0.connectTimeout = .seconds(10)
            $0.operationTimeout = .seconds(8)
        }
        #expect(await source.says("alice", "alice-password") == "alice")
        let start = clock.now
        try await eventually("the connection is no fresh one any more") { clock.now - start > .seconds(1.2) }
        try await host.forgetConnections()
        let asked = clock.now
        #expect(await source.says("alice", "alice-password") == "alice")
        #expect(clock.now - asked > .milliseconds(900), "the dead one was tried")
        #expect(clock.now - asked < .seconds(8), "one wait, not two")
    }

    @Test(
        "What happens in one person's bind is that person's alone: a code of the server's, or a second factor that never comes",
        arguments: [51, 52, nil] as [Int?])
    func strangeBind(code: Int?) async throws {
        let slapd = try await Slapd()
        let proxy = try await FaultyPeer(.strangeBind(to: slapd.port, of: "uid=hatter,", code: code))
        let source = Directory.source(["ldap://127.0.0.1:\(proxy.port)"]) { $0.operationTimeout = .seconds(1) }
        #expect(await source.says("alice", "alice-password") == "alice")
        async let right = source.says("hatter", "hatter-password")
        async let wrong = source.says("hatter", "another")
        for _ in 0..<40 { #expect(await source.says("alice", "alice-password") == "alice") }
        for answer in [await right, await wrong] { #expect(answer.hasPrefix("unavailable"), "\(answer)") }
        #expect(await source.says("alice", "alice-password") == "alice")
        #expect(try proxy.binds == 2, "each password went out once")
    }

    @Test(
        "A server that answers searches with a code of its own trouble is left alone, and the next one asked",
        arguments: [51, 52])
    func strangeSearch(code: Int) async throws {
        let slapd = try await Slapd()
        let proxy = try await FaultyPeer(.strangeSearch(to: slapd.port, code: code))
        let source = Directory.source(["ldap://127.0.0.1:\(proxy.port)", slapd.url])
        for _ in 0..<3 { #expect(await source.says("alice", "alice-password") == "alice") }
        #expect(source.servers.map(\.state) == [.failing, .good])
    }

    @Test(
        "A service password that was changed is read again, when the file changes and when a server refuses the old one"
    )
    func rotatedPassword() async throws {
        let slapd = try await Slapd()
        let folder = try TemporaryFolder()
        try folder.write("password", "old")
        let file = DirectoryOptions.ServiceAccountFile(path: folder.path("password")) { path in
            let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
            return .init(bindDN: "cn=latchkey,dc=example,dc=org", password: Secret(text))
        }
        let source = Directory.source([slapd.url]) {
            $0.serviceAccount = .init(bindDN: "cn=latchkey,dc=example,dc=org", password: Secret("old"))
            $0.serviceAccountFile = file
        }
        #expect(await source.says("alice", "alice-password") == "unavailable: misconfigured")
        try folder.write("password", "service-password")
        try await eventually("the new password is taken") {
            await source.says("alice", "alice-password") == "alice"
        }
        // Somebody who asks before the next look at the file: the refusal itself makes it be read.
        let eager = Directory.source([slapd.url]) {
            $0.serviceAccount = .init(bindDN: "cn=latchkey,dc=example,dc=org", password: Secret("old"))
            $0.serviceAccountFile = file
        }
        #expect(await eager.says("alice", "alice-password") == "alice")
    }

    @Test("A service account's file that can't be read leaves the account of before in force, and the log says so")
    func brokenFile() async throws {
        let slapd = try await Slapd()
        let folder = try TemporaryFolder()
        try folder.write("password", "x")
        let lines = Steps()
        var options = DirectoryOptions(urls: [slapd.url], baseDN: Directory.users)
        options.serviceAccount = .init(
            bindDN: "cn=latchkey,dc=example,dc=org", password: Secret("service-password"))
        options.serviceAccountFile = .init(path: folder.path("password")) { _ in
            throw NeverHappened(description: "half a file")
        }
        let source = DirectorySource(options, logger: Logger(label: "test") { _ in LineCatcher(lines: lines) })
        try folder.write("password", "another")
        try await eventually("the log names the file's problem") { lines.count { $0.contains("half a file") } > 0 }
        #expect(await source.says("alice", "alice-password") == "alice")
    }

    @Test("The reason for which a certificate is refused is told, with the certificate and what to do")
    func certificateReasons() async throws {
        let trusted = try await Certificates()
        let cases: [(Certificates, authority: String, String)] = [
            (try await Certificates(days: -1), "", "has expired"),
            (try await Certificates(host: "DNS:elsewhere.example"), "", "is for another host than '127.0.0.1'"),
            (try await Certificates(), trusted.authority, "its authority is not trusted"),
            (try await Certificates(isSelfSigned: true), trusted.authority, "is self-signed"),
            (try await Certificates(startsIn: 10), "", "is not valid yet"),
        ]
        for (certificates, authority, reason) in cases {
            let slapd = try await Slapd(scheme: "ldaps", certificates: certificates)
            let source = Directory.source([slapd.url]) {
                $0.trust = .file(authority.isEmpty ? certificates.authority : authority)
            }
            guard case .unavailable(let failure) = await source.judge(.init(userName: "alice", secret: Secret("x")))
            else {
                Issue.record("\(reason): not unavailable")
                continue
            }
            for part in [reason, "subject CN=localhost", "issuer CN=", "valid from 20"] {
                #expect(failure.detail.contains(part), "\(part) in \(failure.detail)")
            }
        }
    }

    @Test("A server that speaks only an old TLS, or none, is told apart from a certificate that is refused")
    func oldProtocol() async throws {
        let certificates = try await Certificates()
        let port = try Ports.free()
        let folder = try TemporaryFolder()
        let server = try Program("openssl", package: "openssl").start(
            [
                "s_server", "-accept", "127.0.0.1:\(port)", "-cert", certificates.certificate, "-key", certificates.key,
                "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-quiet",
            ], output: folder.url("out"), error: folder.url("err"))
        defer { server.signal(SIGKILL) }
        try await eventually("the old server listens") { Ports.isOpen(port) }
        let slapd = try await Slapd()
        for (port, reason) in [(port, "speaks TLS1.1 at best"), (slapd.port, "speaks no TLS that can be understood")] {
            let url = "ldaps://127.0.0.1:\(port)"
            let source = Directory.source([url]) { $0.trust = .file(certificates.authority) }
            guard case .unavailable(let failure) = await source.judge(.init(userName: "alice", secret: Secret("x")))
            else {
                Issue.record("not unavailable")
                continue
            }
            #expect(failure.detail.contains(reason), "\(failure.detail)")
        }
    }

    @Test("A connection that is refused, and one whose packets are dropped, are told apart")
    func connectionReasons() async throws {
        func detail(_ port: Int) async -> String {
            let source = Directory.source(["ldap://127.0.0.1:\(port)"])
            guard case .unavailable(let failure) = await source.judge(.init(userName: "alice", secret: Secret("x")))
            else { return "not unavailable" }
            return failure.detail
        }
        let refused = await detail(try Ports.free())
        #expect(refused.contains("refuses connections"), "\(refused)")
        let dropped = try await Ports.withBlackHole { await detail($0) }
        #expect(dropped.contains("does not answer") && dropped.contains("firewall"), "\(dropped)")
    }

    @Test("An entry whose user name can't be read is refused with a reason, in each way in which people are found")
    func noName() async throws {
        let slapd = try await Slapd()
        let source = Directory.source([slapd.url]) {
            $0.filter = "(uid={user})"
            $0.userAttribute = "employeeNumber"
        }
        #expect(await source.says("alice", "alice-password") == "no-user-name")
        #expect(await source.finds("alice") == "disabled")
    }

    @Test("A required group is meant by each spelling of its name")
    func requiredGroups() async throws {
        let slapd = try await Slapd()
        for (required, says) in [
            ("CN=Admins, OU=groups,DC=Example,DC=org", "alice"),
            ("cn=developers\\2C backend,ou=Groups,dc=example,dc=org", "alice"),
            ("ADMINS", "alice"), ("2.5.4.3=admins,ou=groups,dc=example,dc=org", "alice"),
            ("cn=admins,ou=Users,dc=example,dc=org", "not-in-required-group"),
        ] {
            let source = Directory.source([slapd.url]) {
                $0.groups.attribute = "memberOf"
                $0.groups.required = [GroupName(required)]
            }
            #expect(await source.says("alice", "alice-password") == says, "\(required)")
        }
    }

    @Test("The counters of a server tell its connections, answers and failures")
    func counters() async throws {
        let slapd = try await Slapd()
        let source = Directory.source([slapd.url])
        #expect(await source.says("alice", "alice-password") == "alice")
        let good = try #require(source.servers.first)
        #expect(good.url == slapd.url && good.state == .good && good.connections == 2 && good.idleConnections == 2)
        #expect(good.answers > 0 && good.answerSeconds > 0 && good.failures == 0)
        await slapd.stop()
        _ = await source.says("alice", "alice-password")
        let bad = try #require(source.servers.first)
        #expect(bad.state == .failing && bad.failures > 0 && bad.connectionFailures > 0)
    }
}

/// Takes the lines of a log.
private struct LineCatcher: LogHandler {
    let lines: Steps
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    init(lines: Steps) { self.lines = lines }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.add("\(event.message)") }
}
