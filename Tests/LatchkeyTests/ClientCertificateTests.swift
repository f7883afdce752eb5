import Foundation
import SwiftASN1
import TestSupport
import Testing
import X509

@testable import latchkey

/// An authority of clients, run by openssl.
private struct Authority {
    let folder: TemporaryFolder

    init() async throws {
        folder = try TemporaryFolder()
        try folder.write("index.txt", "")
        try folder.write("crlnumber", "01\n")
        try folder.write(
            "ca.cnf",
            """
            [ca]
            default_ca = d
            [d]
            database = index.txt
            new_certs_dir = .
            certificate = ca.pem
            private_key = ca.key
            default_md = sha256
            rand_serial = yes
            policy = p
            default_days = 2
            default_crl_days = 2
            crlnumber = crlnumber
            copy_extensions = copy
            [p]
            commonName = optional
            organizationName = optional
            """)
        try await run(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "ca.key",
            "-out",
            "ca.pem", "-days", "2", "-subj", "/CN=Clients", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    }

    @discardableResult
    func run(_ arguments: String...) async throws -> String {
        let output = try await Program("openssl", package: "openssl").run(arguments, folder: folder.root)
        guard output.status == 0 else { throw NeverHappened(description: "openssl \(arguments): \(output)") }
        return output.standardOutput
    }

    /// Makes a client's certificate and key, `name.pem` and `name.key`.
    func issue(_ name: String, subject: String, alternatives: String? = nil) async throws {
        let more = alternatives.map { ["-addext", "subjectAltName=\($0)"] } ?? []
        let output = try await Program("openssl", package: "openssl").run(
            [
                "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                "\(name).key", "-out",
                "\(name).csr", "-subj", subject, "-utf8",
            ] + more, folder: folder.root)
        guard output.status == 0 else { throw NeverHappened(description: "\(output)") }
        try await run(
            "ca", "-batch", "-notext", "-utf8", "-config", "ca.cnf", "-in", "\(name).csr", "-out", "\(name).pem")
    }

    func revocationList(_ name: String, days: String? = nil) async throws {
        if let days {
            try await run("ca", "-gencrl", "-config", "ca.cnf", "-crlsec", days, "-out", name)
        } else {
            try await run("ca", "-gencrl", "-config", "ca.cnf", "-out", name)
        }
    }
}

@Suite("Client certificates", .serialized)
struct ClientCertificateTests {
    private let folder: TemporaryFolder
    private let certificates: Certificates
    private let authority: Authority

    init() async throws {
        folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\nroot:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        certificates = try await Certificates()
        authority = try await Authority()
    }

    private func server(
        _ tls: String = "", mtls: String = "{}", access: String = "", auth: String = ""
    ) async throws -> Latchkey {
        try await Latchkey(
            configuration: { port in
                """
                http:
                  port: \(port)
                  tls: { cert: '\(certificates.certificate)', key: '\(certificates.key)', cacert: '\(authority.folder.path("ca.pem"))'\(tls) }
                  auth: { failDelay: 0, htpasswd: { path: htpasswd }, apikey: true, apiKeys: { administrators: { users: [root] } }, mtls: \(mtls)\(auth) }\(access)
                storage: { rootDirectory: data }
                """
            }, folder: folder)
    }

    /// - Returns: the status, and the user's name.
    private func ask(_ server: Latchkey, _ path: String, _ client: String?, _ more: String...) async throws -> (
        String, String
    ) {
        let own =
            client.map { ["--cert", authority.folder.path("\($0).pem"), "--key", authority.folder.path("\($0).key")] }
            ?? []
        let output = try await Program("curl", package: "curl").run(
            ["-s", "--cacert", certificates.authority, "-w", "\n%{http_code}"] + own + more
                + ["https://127.0.0.1:\(server.port)\(path)"])
        let lines = output.standardOutput.split(separator: "\n")
        let name = lines.first?.firstMatch(of: /"userName":"([^"]*)"/).map { String($0.output.1) } ?? ""
        return (lines.last.map(String.init) ?? "", name)
    }

    @Test(
        "The name of a certificate is no service account's, and the other way round; one that Unicode takes for another is nobody's"
    )
    func names() async throws {
        for (file, name) in [
            ("clara", "clara"), ("bot", "bot"), ("amy", "amy"), ("kelvin", "\u{212A}arl"), ("space", "amy "),
        ] {
            try await authority.issue(file, subject: "/CN=\(name)")
        }
        let server = try await server()
        func serviceAccount(_ name: String) async throws -> String {
            try await ask(
                server, "/zot/auth/apikey?user=\(name)", nil, "-u", "root:apple", "-d", #"{"expirationDate":"never"}"#
            ).0
        }
        #expect(try await serviceAccount("bot") == "201")
        #expect(try await ask(server, "/auth/whoami", "bot").0 == "401")
        #expect(try await ask(server, "/auth/whoami", "clara") == ("200", "clara"))
        #expect(try await serviceAccount("clara") == "400", "a certificate has the name")
        #expect(try await ask(server, "/auth/whoami", "amy") == ("200", "amy"), "whom the file knows is meant")
        for odd in ["kelvin", "space"] { #expect(try await ask(server, "/auth/whoami", odd).0 == "401", "\(odd)") }
        #expect(try server.log.contains("reason=name-taken"))
        #expect(try await ask(server, "/auth/whoami", "clara") == ("200", "clara"), "and again, as it is known")
        let check = try await Latchkey.program.run(["check", "--config", folder.path("latchkey.yaml")])
        #expect(!check.standardOutput.contains("names:"), "whoever comes in is not told of: \(check)")
    }

    @Test("A certificate with the name of somebody at a provider is refused, and is nobody's else")
    func providersPerson() async throws {
        let issuer = try await ScriptedIssuer()
        let people = issuer.provider("p1")
        // The person comes before there are certificates.
        let before = try await Latchkey(
            configuration: { port in
                """
                http:
                  port: \(port)
                  externalURL: http://127.0.0.1:\(port)
                  auth: { failDelay: 0, htpasswd: { path: htpasswd }, openid: { providers: { \(people) } } }
                storage: { rootDirectory: data }
                """
            }, folder: folder)
        let login = try await issuer.logIn(before, ["sub": "1", "preferred_username": "vera"])
        #expect(login.answer.contains(#""userName":"vera""#))
        await before.stop()
        for name in ["vera", "VERA", "willy"] { try await authority.issue(name, subject: "/CN=\(name)") }
        let server = try await server(auth: ", openid: { providers: { \(people) } }")
        for name in ["vera", "VERA"] { #expect(try await ask(server, "/auth/whoami", name).0 == "401", "\(name)") }
        #expect(try server.log.contains("reason=name-taken"))
        #expect(try await ask(server, "/auth/whoami", "willy") == ("200", "willy"))
    }

    @Test("A certificate says who it is, as zot's rules have it, and everybody else comes in as before")
    func identity() async throws {
        try await authority.issue("clara", subject: "/O=Org/CN=clara")
        let other = try await Authority()
        try await other.issue("clara", subject: "/CN=clara")
        let server = try await server(
            access:
                "\n  accessControl: { repositories: { 'a/**': { policies: [{ users: [clara], actions: [read] }] } } }")
        #expect(try await ask(server, "/auth/whoami", "clara") == ("200", "clara"))
        #expect(try await ask(server, "/auth/verify?scope=a/b:read", "clara").0 == "200")
        #expect(try await ask(server, "/auth/verify?scope=a/b:create", "clara").0 == "403")
        #expect(try await ask(server, "/auth/whoami", nil).0 == "401")
        #expect(try await ask(server, "/auth/whoami", nil, "-u", "amy:apple") == ("200", "amy"))
        #expect(try await ask(server, "/auth/whoami", "clara", "-u", "amy:apple") == ("200", "amy"), "Basic goes first")
        #expect(
            try await ask(server, "/auth/whoami", "clara", "-u", "amy:wrong").0 == "401",
            "a wrong password is not saved by it")
        #expect(
            try await ask(server, "/zot/auth/apikey", "clara", "-d", "{}").0 == "403",
            "nobody vouches for its owner later")
        let foreign = try await Program("curl", package: "curl").run([
            "-s", "--cacert", certificates.authority, "--cert", other.folder.path("clara.pem"), "--key",
            other.folder.path("clara.key"), "-w", "%{http_code}", "https://127.0.0.1:\(server.port)/auth/whoami",
        ])
        #expect(foreign.standardOutput == "000", "of another authority: the handshake ends")
        #expect(try server.log.contains("method=certificate"))

        // What Prometheus' own tool says of the metrics, the certificate's end among them.
        let metrics = try await Program("curl", package: "curl").run(
            ["-s", "--cacert", certificates.authority, "-u", "amy:apple", "https://127.0.0.1:\(server.port)/metrics"]
        ).standardOutput
        #expect(metrics.contains("latchkey_tls_certificate_expiry_timestamp_seconds 1"))
        let checked = try await Program("promtool", package: "prometheus").run(
            ["check", "metrics"], input: Data(metrics.utf8))
        #expect(checked.status == 0 && checked.standardError.isEmpty, "\(checked)")
    }

    @Test("A common name is taken as it is, and not as a DN writes it")
    func commonNames() async throws {
        for (file, name) in [
            ("comma", "Doe, Jane"), ("signs", #"a"b+c;d<e>#f"#), ("sign", "#hash"), ("before", " alice"),
            ("umlaut", "Zoë Müller"),
        ] {
            try await authority.issue(file, subject: "/CN=\(name.replacing("+", with: "\\+"))")
        }
        let server = try await server(
            access:
                "\n  accessControl: { repositories: { 'a/**': { policies: [{ users: ['Doe, Jane'], actions: [read] }] } } }"
        )
        #expect(try await ask(server, "/auth/whoami", "comma") == ("200", "Doe, Jane"))
        #expect(try await ask(server, "/auth/verify?scope=a/b:read", "comma").0 == "200", "a policy names them so")
        #expect(try await ask(server, "/auth/whoami", "sign") == ("200", "#hash"))
        #expect(try await ask(server, "/auth/whoami", "umlaut") == ("200", "Zoë Müller"))
        #expect(
            try await ask(server, "/auth/whoami", "before").0 == "401", "a header field would make another name of it")
        let signs = try await Program("curl", package: "curl").run([
            "-s", "--cacert", certificates.authority, "--cert", authority.folder.path("signs.pem"), "--key",
            authority.folder.path("signs.key"), "-D", "-", "https://127.0.0.1:\(server.port)/auth/verify",
        ]).standardOutput
        #expect(signs.contains("emote-") && signs.contains(#": a"b+c;d<e>#f"# + "\r\n"), "\(signs)")
    }

    @Test(
        "It is read in each encoding in which certificates have it, and what is no text is no name",
        arguments: [
            (12, Array("zoë".utf8), "zoë"), (19, Array("zoe".utf8), "zoe"), (22, Array("zoe".utf8), "zoe"),
            (18, Array("42".utf8), "42"), (20, [0x7A, 0x6F, 0xEB], "zoë"), (30, [0, 0x7A, 0, 0x6F, 0, 0xEB], "zoë"),
            (28, [0, 0, 0, 0x7A, 0, 1, 0xF6, 0], "z😀"), (30, [0, 0x7A, 0], nil), (30, [0xD8, 0x3D, 0xDE, 0x00], nil),
            (28, [0, 0x11, 0, 0], nil), (12, [0xFF], nil), (18, [0xC3, 0xAB], nil), (4, Array("zoe".utf8), nil),
            (2, [42], nil), (5, [], nil), (30, [], ""), (20, [], ""),
        ] as [(UInt8, [UInt8], String?)])
    func encodings(tag: UInt8, bytes: [UInt8], name: String?) throws {
        let node = try DER.parse([tag, UInt8(bytes.count)] + bytes)
        let value = RelativeDistinguishedName.Attribute(type: [2, 5, 4, 3], value: ASN1Any(derEncoded: node)).value
        #expect(NameString.text(of: value) == name)
    }

    @Test(
        "Each attribute in its order, patterns that must fit as a whole, and an index past the end is the next attribute"
    )
    func attributes() async throws {
        try await authority.issue(
            "both", subject: "/O=Org/CN=both",
            alternatives: "URI:spiffe://example.org/workload/admin,email:a@x.org,email:b@x.org,DNS:host.x.org")
        try await authority.issue(
            "evil", subject: "/CN=evil", alternatives: "URI:evil://x/spiffe://example.org/workload/admin")
        try await authority.issue("nobody", subject: "/O=Org")
        let pattern = "uriSanPattern: 'spiffe://example.org/workload/(.*)'"
        for (rules, client, expected) in [
            ("{ identityAttributes: [URI], \(pattern) }", "both", "admin"),
            ("{ identityAttributes: [URI], \(pattern) }", "evil", ""),
            ("{ identityAttributes: [url, cn], \(pattern) }", "evil", "evil"),
            ("{ identityAttributes: [URI] }", "both", "spiffe://example.org/workload/admin"),
            ("{ identityAttributes: [Email], emailSanIndex: 1 }", "both", "b@x.org"),
            ("{ identityAttributes: [rfc822name, DNS], emailSanIndex: 2 }", "both", "host.x.org"),
            ("{ identityAttributes: [DN] }", "both", "CN=both,O=Org"),
            ("{ identityAttributes: [CommonName] }", "nobody", ""),
        ] {
            let server = try await server(mtls: rules)
            let answer = try await ask(server, "/auth/whoami", client)
            #expect(answer == (expected.isEmpty ? "401" : "200", expected), "\(rules)")
            await server.stop()
        }
    }

    @Test("A revoked certificate is refused, also once the list is renewed; and a list that is too old lets nobody in")
    func revoked() async throws {
        try await authority.issue("clara", subject: "/CN=clara")
        try await authority.issue("bad", subject: "/CN=bad")
        let list = authority.folder.path("list.pem")
        try await authority.revocationList("list.pem")
        let server = try await server(", crl: ['\(list)']")
        #expect(try await ask(server, "/auth/whoami", "clara") == ("200", "clara"))
        #expect(try await ask(server, "/auth/whoami", "bad") == ("200", "bad"))
        // A connection that is there asks again and again, until what it shows is good no more.
        let script = """
            import http.client, ssl, sys, time
            context = ssl.create_default_context(cafile=sys.argv[1])
            context.load_cert_chain(sys.argv[2], sys.argv[3])
            connection = http.client.HTTPSConnection("127.0.0.1", int(sys.argv[4]), context=context)
            connection.connect()
            first = connection.sock
            for _ in range(300):
                connection.request("GET", "/auth/whoami")
                answer = connection.getresponse()
                answer.read()
                if answer.status == 401: break
                time.sleep(0.1)
            print(answer.status, connection.sock is first)
            """
        let authority = authority
        async let kept = Program("python3", package: "python3").run([
            "-c", script, certificates.authority, authority.folder.path("bad.pem"), authority.folder.path("bad.key"),
            "\(server.port)",
        ])
        try await eventually("the connection is there") {
            try server.log.components(separatedBy: "user=bad").count > 3
        }
        try await authority.run("ca", "-config", "ca.cnf", "-revoke", "bad.pem")
        try await authority.revocationList("list.pem")
        #expect(try await kept.standardOutput == "401 True\n", "one connection all the time")
        try await eventually("the new list is in force") { try await ask(server, "/auth/whoami", "bad").0 == "401" }
        #expect(try await ask(server, "/auth/whoami", "clara") == ("200", "clara"))
        #expect(try await ask(server, "/auth/whoami", "bad", "-u", "amy:apple") == ("200", "amy"))
        #expect(try server.log.contains("reason=unusable-certificate"))
        try await authority.revocationList("list.pem", days: "1")
        try await eventually("it is too old") { try await ask(server, "/auth/whoami", "clara").0 == "401" }
        // Another authority's list is none.
        let other = try await Authority()
        try await other.revocationList("list.pem")
        let wrong = try await Latchkey.program.run(
            [
                "check", "--config",
                try folder.write(
                    "wrong.yaml", folder.text("latchkey.yaml").replacing(list, with: other.folder.path("list.pem"))),
            ])
        #expect(wrong.status != 0 || wrong.standardOutput.contains("not signed"), "\(wrong)")
    }

    @Test("No damaged list of revoked certificates crashes its reader, and none is taken that says anything else")
    func damagedList() async throws {
        try await authority.issue("bad", subject: "/CN=bad")
        try await authority.run("ca", "-config", "ca.cnf", "-revoke", "bad.pem")
        try await authority.revocationList("list.pem")
        try await authority.run("crl", "-in", "list.pem", "-outform", "DER", "-out", "list.der")
        let whole = [UInt8](try Data(contentsOf: authority.folder.url("list.der")))
        let signer = try Certificate(pemEncoded: authority.folder.text("ca.pem"))
        let list = try RevocationList(whole, signedBy: [signer])
        let revoked = try Certificate(pemEncoded: authority.folder.text("bad.pem"))
        #expect(list.contains(revoked) && list.nextUpdate != nil)
        #expect(throws: RevocationList.Problem.self) { try RevocationList(whole, signedBy: []) }
        var random = Seeded.announced()
        for _ in 0..<2000 {
            var bytes = whole
            let index = Int.random(in: 0..<bytes.count, using: &random)
            bytes[index] ^= UInt8.random(in: 1...255, using: &random)
            // Damage around what is signed may leave the signature as it is.
            if let taken = try? RevocationList(bytes, signedBy: [signer]) {
                let isSame = taken.issuer == list.issuer && taken.nextUpdate == list.nextUpdate
                #expect(isSame && taken.contains(revoked), "byte \(index)")
            }
            #expect(throws: RevocationList.Problem.self) {
                try RevocationList(Array(whole.prefix(index)), signedBy: [signer])
            }
        }
    }

    @Test("TLS 1.2 with forward secrecy and authenticated ciphers, TLS 1.3, and nothing else")
    func versions() async throws {
        let server = try await server()
        func handshake(_ arguments: String...) async throws -> Bool {
            try await Program("openssl", package: "openssl").run(
                ["s_client", "-connect", "127.0.0.1:\(server.port)", "-CAfile", certificates.authority] + arguments
            ).status == 0
        }
        #expect(try await handshake("-tls1_2"))
        #expect(try await handshake("-tls1_3"))
        for arguments in [
            ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"],
            ["-tls1_2", "-cipher", "AES128-GCM-SHA256"], ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-SHA384"],
        ] {
            let isTaken = try await handshake(arguments[0], arguments[1], arguments[2])
            #expect(!isTaken, "\(arguments)")
        }
        await server.stop()
        let modern = try await self.server(", minimumVersion: 1.3")
        let old = try await Program("openssl", package: "openssl").run(
            ["s_client", "-connect", "127.0.0.1:\(modern.port)", "-tls1_2"])
        #expect(old.status != 0)
        #expect(try await ask(modern, "/auth/whoami", nil, "-u", "amy:apple") == ("200", "amy"))
    }
}
