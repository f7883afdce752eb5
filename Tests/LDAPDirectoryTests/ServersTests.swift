import Credentials
import Foundation
import LDAPDirectory
import TestSupport
import Testing

@Suite("Several servers, and servers that fail", .serialized)
struct ServersTests {
    private let clock = ContinuousClock()

    @Test("When one of two servers is down or refuses connections, logins go on, and go back when it is up")
    func failover() async throws {
        let (first, second) = (try await Slapd(), try await Slapd())
        let source = Directory.source([first.url, second.url])
        #expect(await source.says("alice", "alice-password") == "alice")
        await first.stop()
        #expect(await source.says("alice", "alice-password") == "alice")
        #expect(await source.says("alice", "wrong1") == "wrong-password")
        try await first.start()
        await second.stop()
        try await eventually("the first is asked again") { await source.says("alice", "alice-password") == "alice" }
        await first.stop()
        #expect(await source.says("alice", "alice-password") == "unavailable: unreachable")
    }

    @Test("With one of two servers in a black hole the first login takes the connect deadline, and the rest none of it")
    func blackHole() async throws {
        let living = try await Slapd()
        try await Ports.withBlackHole { port in
            let source = Directory.source(["ldap://127.0.0.1:\(port)", living.url]) { $0.connectTimeout = .seconds(6) }
            let start = clock.now
            async let first = source.says("alice", "alice-password")
            // While somebody waits for the first server, the others already take the second.
            try await eventually("the server is suspect") {
                let asked = clock.now
                _ = await source.says("alice", "alice-password")
                return clock.now - asked < .seconds(5)
            }
            // All of these take less than the one deadline, on a machine that is slow too.
            #expect(clock.now - start < .seconds(20))
            #expect(await first == "alice")
            for _ in 0..<20 {
                let asked = clock.now
                #expect(await source.says("alice", "alice-password") == "alice")
                #expect(clock.now - asked < .seconds(5))
            }
        }
    }

    @Test("A server that goes silent with connections open costs one deadline, and then the other one has all logins")
    func silence() async throws {
        let (first, second) = (try await Slapd(), try await Slapd())
        let source = Directory.source([first.url, second.url]) { $0.operationTimeout = .seconds(8) }
        #expect(await source.says("alice", "alice-password") == "alice")
        try await first.freeze()
        let start = clock.now
        _ = await source.says("alice", "alice-password")
        // A kept connection is given half of the deadline, and nobody waits for the server from then on.
        #expect(clock.now - start < .seconds(20))
        for _ in 0..<10 {
            let asked = clock.now
            #expect(await source.says("alice", "alice-password") == "alice")
            #expect(clock.now - asked < .seconds(4))
        }
        first.signal(SIGCONT)
    }

    @Test("Round robin asks each server in its turn")
    func roundRobin() async throws {
        let (first, second) = (try await Slapd(), try await Slapd())
        let steps = Steps()
        let source = Directory.source([first.url, second.url]) {
            $0.serverOrder = .roundRobin
            $0.onStep = { steps.add($0) }
        }
        for _ in 0..<6 { #expect(await source.says("alice", "alice-password") == "alice") }
        for url in [first.url, second.url] { #expect(steps.count { $0.contains("1 found") && $0.contains(url) } == 3) }
    }

    @Test("A server killed and restarted under load fails no login but those whose password it had just been sent")
    func restarts() async throws {
        let (first, second) = (try await Slapd(), try await Slapd())
        let steps = Steps()
        let source = Directory.source([first.url, second.url]) { options in
            options.serverOrder = .roundRobin
            options.onStep = { steps.add($0) }
        }
        let load = Task {
            await withTaskGroup(of: [String].self) { group in
                for client in 0..<8 {
                    group.addTask {
                        // Never the same wrong password again: that would be refused from memory.
                        var (answers, count) = ([String](), 0)
                        while !Task.isCancelled {
                            let isRight = client % 2 == 0
                            let password = isRight ? "alice-password" : "wrong\(client)-\(count)"
                            count += 1
                            let answer = await source.says("alice", password)
                            if answer != (isRight ? "alice" : "wrong-password") { answers.append(answer) }
                        }
                        return answers
                    }
                }
                return await group.reduce(into: []) { $0 += $1 }
            }
        }
        for server in [first, second, first, second] {
            server.signal(SIGKILL)
            await server.stop()
            try await server.start()
            // The other one must not fall before this one is asked again.
            let before = steps.count { $0.contains("1 found") && $0.contains(server.url) }
            try await eventually("it is asked again") {
                steps.count { $0.contains("1 found") && $0.contains(server.url) } > before
            }
        }
        load.cancel()
        // Nobody knows whether a password was tried that a server had when it was killed: it goes nowhere else.
        let failures = await load.value
        #expect(failures.allSatisfy { $0 == "unavailable: unreachable" }, "\(failures)")
        #expect(failures.count <= 4 * 8, "one for each client and kill at most")
    }

    @Test("A server whose answers come byte by byte is unavailable within the deadlines, in plain and in the handshake")
    func trickle() async throws {
        let certificates = try await Certificates()
        for scheme in ["ldap", "ldaps"] {
            let slapd = try await Slapd(scheme: scheme, certificates: certificates)
            let proxy = try await TricklingProxy(to: slapd.port, pause: 0.3)
            let source = Directory.source(["\(scheme)://127.0.0.1:\(proxy.port)"]) {
                $0.trust = .file(certificates.authority)
                $0.operationTimeout = .seconds(1)
                $0.loginDeadline = .seconds(3)
            }
            let start = clock.now
            #expect(await source.says("alice", "alice-password").hasPrefix("unavailable"), "\(scheme)")
            #expect(clock.now - start < .seconds(20), "\(scheme): by its bytes alone it would take minutes")
        }
    }

    @Test("Connections that nobody uses are closed, and the next login makes new ones")
    func idle() async throws {
        let slapd = try await Slapd()
        let source = Directory.source([slapd.url]) { $0.maximumIdle = .seconds(3) }
        #expect(await source.says("alice", "alice-password") == "alice")
        // While connections come and go the kernel's table may be read with one missing or twice.
        try await eventually("one that searches, one that binds") { try Ports.connections(to: slapd.port) == 2 }
        try await eventually("both are closed") { try Ports.connections(to: slapd.port) == 0 }
        #expect(await source.says("alice", "alice-password") == "alice")
    }

    @Test("A service account whose password has changed is unavailable, and not tried over and over")
    func servicePassword() async throws {
        let slapd = try await Slapd()
        let steps = Steps()
        let source = Directory.source([slapd.url]) {
            $0.serviceAccount = .init(bindDN: "cn=latchkey,dc=example,dc=org", password: Secret("old"))
            $0.onStep = { steps.add($0) }
        }
        for _ in 0..<5 { #expect(await source.says("alice", "alice-password") == "unavailable: misconfigured") }
        #expect(steps.count { $0.contains("Invalid credentials") } == 5, "each caller is told why")
    }

    @Test("A certificate that has expired, and one for another host, are unavailable")
    func certificates() async throws {
        let expired = try await Certificates(days: -1)
        let elsewhere = try await Certificates(host: "DNS:elsewhere.example")
        for certificates in [expired, elsewhere] {
            let slapd = try await Slapd(scheme: "ldaps", certificates: certificates)
            let source = Directory.source([slapd.url]) { $0.trust = .file(certificates.authority) }
            #expect(await source.says("alice", "alice-password").hasPrefix("unavailable"))
        }
    }

    @Test("A client certificate is shown to a server that demands one, and TLS 1.3 can be demanded of the server")
    func clientCertificate() async throws {
        let certificates = try await Certificates()
        let slapd = try await Slapd(scheme: "ldaps", certificates: certificates, requiresClientCertificate: true)
        let without = Directory.source([slapd.url]) { $0.trust = .file(certificates.authority) }
        #expect(await without.says("alice", "alice-password").hasPrefix("unavailable"))
        let with = Directory.source([slapd.url]) {
            $0.trust = .file(certificates.authority)
            $0.clientCertificate = .init(certificate: certificates.certificate, key: certificates.key)
            $0.minimumTLSVersion = .v1_3
        }
        #expect(await with.says("alice", "alice-password") == "alice")
    }
}
