import Foundation
import TestSupport
import Testing

@Suite("zot's contract, and what operators rely on", .serialized)
struct ContractTests {
    private let htpasswd = "htpasswd: { path: htpasswd }"

    private func folder(_ users: String = "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n") throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write("htpasswd", users)
        return folder
    }

    private func ldap(_ slapd: Slapd) -> String {
        """
        ldap: { urls: ['\(slapd.url)'], baseDN: 'ou=Users,dc=example,dc=org', subtreeSearch: true, \
        bindDN: 'cn=latchkey,dc=example,dc=org', bindPassword: service-password, userGroupAttribute: memberOf, \
        connectTimeout: 1s, operationTimeout: 1s }
        """
    }

    /// The header fields of an answer, by their names in lower case.
    private func headers(_ server: Latchkey, _ path: String, _ arguments: [String]) async throws -> [String: String] {
        let curl = try Program("curl", package: "curl")
        let output = try await curl.run(["-s", "-D", "-", "-o", "/dev/null"] + arguments + [server.url + path])
        var fields: [String: String] = [:]
        for line in output.standardOutput.split(whereSeparator: \.isNewline).dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 {
                fields[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
            }
        }
        return fields
    }

    @Test("A 200 of /auth/verify always has all four identity headers, so that a client's own never pass")
    func identityHeaders() async throws {
        let server = try await Latchkey(auth: htpasswd, folder: try folder())
        let fields = try await headers(server, "/auth/verify", ["-u", "amy:apple"])
        #expect(fields["remote-user"] == "amy")
        for name in ["remote-groups", "remote-name", "remote-email"] { #expect(fields[name] == "", "\(name)") }
    }

    @Test("Pages of other origins may call zot's routes: any without credentials, the configured ones with")
    func crossOrigin() async throws {
        let open = try await Latchkey(auth: "\(htpasswd), apikey: true", folder: try folder())
        let preflight = try await headers(open, "/zot/auth/apikey", ["-X", "OPTIONS"])
        #expect(preflight["access-control-allow-origin"] == "*")
        #expect(preflight["access-control-allow-methods"] == "GET,POST,DELETE,OPTIONS")
        #expect(preflight["access-control-allow-headers"] == "Authorization,content-type,X-ZOT-API-CLIENT")
        #expect(preflight["access-control-allow-credentials"] == nil)
        let ping = try await headers(open, "/v2/", ["-X", "OPTIONS"])
        #expect(ping["access-control-allow-methods"] == "GET,OPTIONS")
        #expect(try await headers(open, "/auth/whoami", ["-X", "OPTIONS"])["access-control-allow-methods"] == nil)
        let listed = try await Latchkey(
            auth: "\(htpasswd), apikey: true",
            http: "allowOrigin: 'https://ui.example.org, https://other.example:8443'",
            folder: try folder())
        for arguments in [["-X", "OPTIONS"], ["-u", "amy:apple"], ["-u", "amy:wrong"]] {
            let ours = try await headers(
                listed, "/zot/auth/apikey", arguments + ["-H", "Origin: https://other.example:8443"])
            #expect(ours["access-control-allow-origin"] == "https://other.example:8443", "\(arguments)")
            #expect(ours["access-control-allow-credentials"] == "true" && ours["vary"] == "Origin")
            for origin in [
                "https://evil.example", "https://ui.example.org.evil.example", "null", "http://ui.example.org",
            ] {
                let theirs = try await headers(listed, "/zot/auth/apikey", arguments + ["-H", "Origin: \(origin)"])
                #expect(theirs["access-control-allow-origin"] == nil && theirs["vary"] == "Origin", "\(origin)")
            }
        }
    }

    @Test("An empty name with an empty secret is no credential: challenged at once, and no failure")
    func nothing() async throws {
        let server = try await Latchkey(auth: htpasswd, failDelay: "60", folder: try folder())
        let start = ContinuousClock.now
        for value in ["Basic Og==", "basic Og", "BASIC Og=="] {
            #expect(try await server.curl("/v2/", "-H", "Authorization: \(value)").status == "401")
        }
        #expect(ContinuousClock.now - start < .seconds(50))
        try await eventually("each is in the log") {
            try server.log.components(separatedBy: "reason=no-credential").count == 4
        }
    }

    @Test(
        "The names of a key's fields are read without regard to case, and lastUsed is Go's zero time until the first use"
    )
    func keyFields() async throws {
        let server = try await Latchkey(auth: "\(htpasswd), apikey: true", folder: try folder())
        let body = #"{"LABEL": "l", "expirationdate": "2099-01-01T00:00:00Z", "Scopes": ["a"]}"#
        let created = try await server.curl("/zot/auth/apikey/", "-u", "amy:apple", "-d", body)
        #expect(created.status == "201")
        for part in [
            #""label":"l""#, #""expirationDate":"2099-01-01T00:00:00.000000Z""#, #""scopes":["a"]"#,
            #""lastUsed":"0001-01-01T00:00:00Z""#,
        ] {
            #expect(created.body.contains(part), "\(part) in \(created.body)")
        }
        let twice = #"{"expirationDate": "2099-01-01T00:00:00Z", "expirationdate": null}"#
        #expect(try await server.curl("/zot/auth/apikey", "-u", "amy:apple", "-d", twice).status == "400")
        let (key, _) = try await server.createKey("amy:apple")
        #expect(try await server.curl("/v2/", "-u", "amy:\(key)").status == "200")
        let list = try await server.curl("/zot/auth/apikey/", "-u", "amy:apple").body
        #expect(list.components(separatedBy: #""lastUsed":"0001"#).count == 2, "one was used, one was not: \(list)")
    }

    @Test("An owner's key survives an outage that began before its first use, and one that outlasts a restart")
    func outage() async throws {
        let slapd = try await Slapd()
        let folder = try folder()
        let auth = "\(ldap(slapd)), apikey: true, ownerCheck: { interval: 1s, grace: 1h }"
        let first = try await Latchkey(auth: auth, folder: folder)
        let (alice, _) = try await first.createKey("alice:alice-password")
        await slapd.stop()
        #expect(try await first.curl("/auth/verify", "-u", "alice:\(alice)").status == "200", "the creation vouched")
        await first.stop(SIGKILL)
        let second = try await Latchkey(auth: auth, folder: folder)
        let answer = try await second.curl("/auth/verify", "-u", "alice:\(alice)", "-D", "-")
        #expect(answer.status == "200" && answer.body.contains("Remote-Groups: admins,developers%2C backend"))
        #expect(try await second.curl("/auth/verify", "-u", "alice:alice-password").status == "503")
        #expect(await second.stop() == 0)
        let strict = try await Latchkey(
            auth: auth.replacing("grace: 1h", with: "grace: 1ms"), folder: folder)
        #expect(try await strict.curl("/auth/verify", "-u", "alice:\(alice)").status == "503")
        try await eventually("the log of a key's refusal names the cause") {
            try strict.log.contains("info unavailable user=alice") && strict.log.contains("refuses connections")
        }
    }

    @Test("Who is removed from an htpasswd file, or locked in it, loses their keys at the reload")
    func removedOwner() async throws {
        let folder = try folder()
        let server = try await Latchkey(auth: "\(htpasswd), apikey: true", folder: folder)
        let (key, _) = try await server.createKey("amy:apple")
        #expect(try await server.curl("/v2/", "-u", "amy:\(key)").status == "200")
        for (users, status) in [
            ("amy:!\nbob:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n", "401"),
            ("amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n", "200"), ("bob:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n", "401"),
        ] {
            try folder.write("htpasswd", users)
            try await eventually("the key is \(status)") {
                try await server.curl("/v2/", "-u", "amy:\(key)").status == status
            }
        }
    }

    @Test("A revoked key of an htpasswd user is logged as revoked")
    func revokedReason() async throws {
        let server = try await Latchkey(auth: "\(htpasswd), apikey: true", folder: try folder())
        let (key, id) = try await server.createKey("amy:apple")
        _ = try await server.curl("/zot/auth/apikey?id=\(id)", "-u", "amy:apple", "-X", "DELETE")
        #expect(try await server.curl("/v2/", "-u", "amy:\(key)").status == "401")
        try await eventually("the log says so") {
            try server.log.contains("info refusal user=amy client=127.0.0.1 reason=key-revoked")
        }
    }

    @Test("Other spellings of a throttled name are throttled too")
    func spellings() async throws {
        // Longer than these few requests take on a machine that is busy.
        let server = try await Latchkey(auth: "\(htpasswd), throttle: { firstDelay: 60 }", folder: try folder())
        for guess in 0..<4 { _ = try await server.curl("/v2/", "-u", "amy:guess\(guess)") }
        for name in ["amy", "AMY", " amy", "amy ", "ａｍｙ"] {
            #expect(try await server.curl("/v2/", "-u", "\(name):another").status == "429", "\(name)")
        }
    }

    @Test(
        "A person of 220 groups gets through nginx with its usual buffers, with the groups that the configuration names"
    )
    func manyGroups() async throws {
        let groups = (0..<220).map { "memberOf: cn=a group of some length \($0),ou=Groups,dc=example,dc=org" }
        let slapd = try await Slapd(
            entries: """
                dn: uid=busy,ou=Users,dc=example,dc=org
                objectClass: inetOrgPerson
                uid: busy
                cn: Busy
                sn: Busy
                userPassword: busy-password
                \(groups.joined(separator: "\n"))
                """)
        let auth = ldap(slapd).replacing(
            "userGroupAttribute: memberOf",
            with:
                "userGroupAttribute: memberOf, groups: { required: ['cn=A Group of some length 219, ou=groups,dc=example,dc=org'] }"
        )
        let server = try await Latchkey(auth: auth, folder: try folder())
        let application = try await Nginx("location / { return 200 through; }")
        let nginx = try await Nginx(
            """
            location / {
                auth_request /auth; auth_request_set $groups $upstream_http_remote_groups;
                add_header Groups $groups; proxy_pass http://127.0.0.1:\(application.port);
            }
            location = /auth { internal; proxy_pass \(server.url)/auth/verify; proxy_buffer_size 4k; proxy_buffers 8 4k; }
            """)
        let answer = try await nginx.curl("/", "-u", "busy:busy-password", "-D", "-", "-w", "")
        #expect(answer.hasPrefix("HTTP/1.1 200"), "\(answer.prefix(200))")
        #expect(answer.contains("Groups: a group of some length 219,"), "the one that the configuration names is first")
        try await eventually("the log says how many were left out") {
            try server.log.contains("info groups-left-out user=busy") && server.log.contains(" groups=")
        }
    }

    @Test("A service password that is changed in its file is taken up by the running server")
    func rotatedPassword() async throws {
        let slapd = try await Slapd()
        let folder = try folder()
        try folder.write("credentials.json", #"{"bindDN": "cn=latchkey,dc=example,dc=org", "bindPassword": "old"}"#)
        let auth = ldap(slapd).replacing(
            "bindDN: 'cn=latchkey,dc=example,dc=org', bindPassword: service-password",
            with: "credentialsFile: credentials.json")
        let server = try await Latchkey(auth: auth, folder: folder)
        #expect(try await server.curl("/v2/", "-u", "alice:alice-password").status == "503")
        try folder.write("credentials.json", "{")
        try await eventually("the log says that half a file can't be used") {
            try server.log.contains("the account of before stays")
        }
        try folder.write(
            "credentials.json", #"{"bindDN": "cn=latchkey,dc=example,dc=org", "bindPassword": "service-password"}"#)
        try await eventually("the new password is taken") {
            try await server.curl("/v2/", "-u", "alice:alice-password").status == "200"
        }
    }

    @Test("check tells an anonymous search that is not allowed from a base that is not there")
    func checkOfAnonymous() async throws {
        let slapd = try await Slapd(configuration: "require bind")
        let folder = try folder()
        let path = try folder.write(
            "c.yaml",
            "http: { auth: { ldap: { urls: ['\(slapd.url)'], baseDN: 'ou=Users,dc=example,dc=org' } } }")
        let output = try await Latchkey.program.run(["check", "--config", path])
        #expect(output.status == 3 && output.standardOutput.contains("the search is anonymous"), "\(output)")
        #expect(!output.standardOutput.contains("check baseDN"), "\(output)")
    }

    @Test("SIGHUP, SIGUSR1 and SIGUSR2 do not end the server, and SIGQUIT ends it as SIGTERM does")
    func signals() async throws {
        let server = try await Latchkey(auth: htpasswd, folder: try folder())
        for signal in [SIGHUP, SIGUSR1, SIGUSR2] {
            server.signal(signal)
            for _ in 0..<3 { #expect(try await server.curl("/v2/", "-u", "amy:apple").status == "200") }
        }
        #expect(await server.stop(SIGQUIT) == 0)
    }

    @Test("After SIGUSR1 the audit file is a new one, and the chain goes on over both")
    func rotatedAudit() async throws {
        let server = try await Latchkey(auth: htpasswd, folder: try folder())
        let folder = server.folder
        #expect(try await server.curl("/v2/", "-u", "amy:apple").status == "200")
        try await eventually("the login is written") { try folder.text("audit.log").contains("\"login\"") }
        try FileManager.default.moveItem(at: folder.url("audit.log"), to: folder.url("audit.log.1"))
        server.signal(SIGUSR1)
        try await eventually("there is a new file") { FileManager.default.fileExists(atPath: folder.path("audit.log")) }
        #expect(try await server.curl("/v2/", "-u", "amy:apple").status == "200")
        #expect(await server.stop() == 0)
        let verified = try await Latchkey.program.run(
            ["audit", "verify", folder.path("audit.log.1"), folder.path("audit.log")])
        #expect(verified.status == 0 && verified.standardOutput.hasPrefix("ok: "), "\(verified)")
        #expect(try folder.text("audit.log").contains("\"login\"") && folder.text("audit.log.1").contains("\"login\""))
    }

    @Test("Operations have a listener of their own if one is configured; there an operator has somebody forgotten")
    func operations() async throws {
        let (slapd, port) = (try await Slapd(), try Ports.free())
        let server = try await Latchkey(auth: ldap(slapd), http: "operations: { port: \(port) }", folder: try folder())
        let curl = try Program("curl", package: "curl")
        func ask(_ path: String, _ arguments: String...) async throws -> String {
            try await curl.run(["-s", "-w", "\n%{http_code}"] + arguments + ["http://127.0.0.1:\(port)\(path)"])
                .standardOutput
        }
        for path in ["/metrics", "/readyz", "/healthz", "/livez", "/startupz"] {
            #expect(try await ask(path).hasSuffix("\n200"), "\(path)")
            #expect(try await server.curl(path).status == "404", "\(path)")
        }
        #expect(try await ask("/v2/").hasSuffix("\n404"))
        #expect(try await server.curl("/flush?user=alice", "-X", "POST").status == "404")
        #expect(try await server.curl("/v2/", "-u", "alice:alice-password").status == "200")
        let metrics = try await ask("/metrics")
        for part in [
            "latchkey_directory_server_state{server=\"\(slapd.url)\",state=\"good\"} 1",
            "latchkey_directory_connections_total{server=\"\(slapd.url)\"} 2",
            "# HELP latchkey_directory_answers_total",
            "latchkey_log_lines_lost_total{file=\"\(server.folder.path("audit.log"))\"} 0",
        ] {
            #expect(metrics.contains(part), "\(part) in \(metrics)")
        }
        await slapd.stop()
        #expect(try await server.curl("/v2/", "-u", "alice:alice-password").status == "200", "it is remembered")
        #expect(try await ask("/flush", "-X", "POST").hasSuffix("\n400"))
        #expect(try await ask("/flush?user=ALICE", "-X", "POST").hasSuffix("\n204"))
        #expect(try await server.curl("/v2/", "-u", "alice:alice-password").status == "503", "and no more")
        try await eventually("the log says so") { try server.log.contains("info forgotten user=ALICE") }
    }

    @Test(
        "Lines that a full disk costs are counted, told on standard error and in the file, and writing goes on",
        .enabled("a disk of its own needs root, and a kernel that lets it mount") { try await Program.canMount })
    func fullAudit() async throws {
        let server = try await Latchkey(
            auth: htpasswd, folder: try folder(), audit: "data/audit.log", dataSize: "64k")
        func lost() async throws -> Int {
            let text = try await server.curl("/metrics").body
            let match = text.firstMatch(of: #/latchkey_log_lines_lost_total\{file="[^"]*audit.log"\} (\d+)/#)
            return match.flatMap { Int($0.output.1) } ?? -1
        }
        let filler = server.data.appending(path: "filler")
        try Data(repeating: 0, count: 56 * 1024).write(to: filler)
        try await eventually("lines are lost") {
            _ = try await server.curl("/v2/", "-u", "amy:apple")
            return try await lost() > 0
        }
        #expect(try server.log.contains("audit.log can't be written (No space left on device)"))
        try FileManager.default.removeItem(at: filler)
        try await eventually("the file says how many were lost") {
            _ = try await server.curl("/v2/", "-u", "amy:apple")
            let text = try String(contentsOf: server.data.appending(path: "audit.log"), encoding: .utf8)
            return text.contains(#""event":"lines-lost","count":""#)
        }
        let count = try await lost()
        _ = try await server.curl("/v2/", "-u", "amy:apple")
        #expect(try await lost() == count, "no more are lost")
        let copy = server.folder.path("copy.log")
        try FileManager.default.copyItem(atPath: server.data.appending(path: "audit.log").path, toPath: copy)
        let verified = try await Latchkey.program.run(["audit", "verify", copy])
        #expect(verified.status == 0 && verified.standardOutput.contains("ok: "), "\(verified)")
    }

    @Test("latchkey check ends, and says so, where a directory takes connections and says nothing")
    func checkOfMute() async throws {
        let peer = try await FaultyPeer(.mute)
        let folder = try folder()
        for (scheme, step) in [("ldap", "service bind"), ("ldaps", "tls")] {
            let path = try folder.write(
                "c.yaml",
                """
                http: { auth: { ldap: { urls: ['\(scheme)://127.0.0.1:\(peer.port)'], baseDN: dc=x, bindDN: cn=a, \
                bindPassword: x, connectTimeout: 1s, operationTimeout: 1s } } }
                """)
            let output = try await Latchkey.program.run(["check", "--config", path])
            #expect(output.status == 3, "\(output)")
            #expect(output.standardOutput.contains("\(step): ldap"), "\(output)")
            #expect(output.standardOutput.contains("takes connections and does not answer"), "\(output)")
        }
    }

    @Test("A server that is frozen in the TLS handshake burns no CPU")
    func idleHandshake() async throws {
        let certificates = try await Certificates()
        let (frozen, good) = (
            try await Slapd(scheme: "ldaps", certificates: certificates),
            try await Slapd(scheme: "ldaps", certificates: certificates)
        )
        let server = try await Latchkey(
            auth: """
                ldap: { urls: ['\(frozen.url)', '\(good.url)'], baseDN: 'ou=Users,dc=example,dc=org', subtreeSearch: true, \
                bindDN: 'cn=latchkey,dc=example,dc=org', bindPassword: service-password, caCert: '\(certificates.authority)' }
                """, folder: try folder())
        #expect(try await server.curl("/v2/", "-u", "alice:alice-password").status == "200")
        try await frozen.freeze()
        let (before, start) = (try server.processorTime, ContinuousClock.now)
        #expect(try await server.curl("/v2/", "-u", "hatter:hatter-password").status == "200")
        // While the frozen server is probed again and again.
        for guess in 0..<4 {
            try await eventually("a second has passed") {
                ContinuousClock.now - start > .seconds(1 + guess)
            }
            #expect(try await server.curl("/v2/", "-u", "hatter:hatter-password").status == "200")
        }
        #expect(try server.processorTime - before < .seconds(1))
        frozen.signal(SIGCONT)
    }
}
