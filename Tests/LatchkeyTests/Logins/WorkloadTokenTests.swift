import Foundation
import TestSupport
import Testing

@Suite("Programs come with tokens that somebody else has signed")
struct WorkloadTokenTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Makes keys, publishes them as files, and signs tokens: what Kubernetes does with an issuer whose keys lie on a web server.
    private func sign(_ issuer: String, _ claims: String, key: String = "rsa", algorithm: String = "RS256") async throws
        -> String
    {
        let script = """
            import json, os, sys, time
            from jwcrypto import jwk, jwt
            folder, issuer, claims, name, algorithm = sys.argv[1:]
            path = folder + "/keys"
            if not os.path.exists(path):
                keys = {"rsa": jwk.JWK.generate(kty="RSA", size=2048, kid="rsa", use="sig"),
                        "ed": jwk.JWK.generate(kty="OKP", crv="Ed25519", kid="ed"),
                        "p384": jwk.JWK.generate(kty="EC", crv="P-384", kid="p384", alg="ES384")}
                json.dump({n: k.export(as_dict=True) for n, k in keys.items()}, open(path, "w"))
                os.makedirs(folder + "/site/.well-known", exist_ok=True)
                json.dump({"keys": [k.export_public(as_dict=True) for k in keys.values()]}, open(folder + "/site/jwks", "w"))
                json.dump({"issuer": issuer, "jwks_uri": issuer + "/jwks", "response_types_supported": ["id_token"],
                           "authorization_endpoint": "urn:kubernetes:programmatic_authorization"},
                          open(folder + "/site/.well-known/openid-configuration", "w"))
            keys = json.load(open(path))
            key = jwk.JWK(**keys[name]) if name in keys else jwk.JWK.generate(kty="RSA", size=2048, kid="rsa")
            now = int(time.time())
            content = {"iss": issuer, "sub": "system:serviceaccount:flux:source", "aud": ["zot"], "iat": now, "exp": now + 600,
                       "iss_kind": 7, "internal": True}
            content.update(json.loads(claims))
            token = jwt.JWT(header={"alg": algorithm, "kid": name}, claims=content)
            token.make_signed_token(key)
            print(token.serialize(), end="")
            """
        let output = try await Program("python3", package: "python3-jwcrypto").run(
            ["-c", script, folder.root.path, issuer, claims, key, algorithm])
        return try #require(output.status == 0 ? output.standardOutput : nil, "\(output.standardError)")
    }

    @Test(
        "By an issuer that publishes its keys: rights go by the claims, at every door, as a bearer token and as a password"
    )
    func workload() async throws {
        let certificates = try await Certificates()
        let port = try Ports.free()
        let issuer = "https://localhost:\(port)"
        let token = try await sign(issuer, "{}")
        let nginx = try Program("nginx", package: "nginx-light")
        try folder.write(
            "nginx.conf",
            Nginx.frame(
                """
                server { listen 127.0.0.1:\(port) ssl; root \(folder.path("site"));
                ssl_certificate \(certificates.certificate); ssl_certificate_key \(certificates.key); }
                """))
        let running = try nginx.start(
            ["-p", folder.root.path, "-c", folder.path("nginx.conf")], output: folder.url("nginx.out"),
            error: folder.url("nginx.err"))
        defer { running.signal(9) }
        try await eventually("the issuer listens") { Ports.isOpen(port) }
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let server = try await Latchkey(
            configuration: { port in
                """
                http:
                  port: \(port)
                  trustedProxies: [127.0.0.1]
                  auth:
                    failDelay: 0
                    htpasswd: { path: htpasswd }
                    apikey: true
                    tokens: { issuer: me, services: [registry] }
                    bearer:
                      realm: zot
                      service: zot
                      oidc:
                        - issuer: \(issuer)
                          audiences: [zot]
                          requiredClaims: { iss_kind: [house, 7], internal: true }
                          claimMapping: { username: claims.sub, groups: claims.teams }
                          certificateAuthorityFile: \(certificates.authority)
                  accessControl:
                    repositories:
                      "flux/**": { policies: [{ users: ["system:serviceaccount:flux:source"], actions: [read] }] }
                      "team/**": { policies: [{ groups: ["localhost:ci"], actions: [read, create, update] }] }
                storage: { rootDirectory: data }
                log: { audit: audit.log }
                """
            }, folder: folder)
        func verify(_ token: String, _ method: String = "GET", _ path: String = "/v2/flux/app/tags/list") async throws
            -> String
        {
            try await server.curl(
                "/auth/verify?registry", "-H", "Authorization: Bearer \(token)", "-H", "X-Forwarded-Method: \(method)",
                "-H", "X-Forwarded-Uri: \(path)"
            ).status
        }
        let who = try await server.curl("/auth/whoami", "-H", "Authorization: Bearer \(token)")
        #expect(
            who.status == "200" && who.body.contains(#""userName":"system:serviceaccount:flux:source""#),
            "\(who)")
        #expect(who.body.contains(#""method":"token""#) && who.body.contains(#""source":"bearer""#))
        #expect(try await server.curl("/auth/whoami", "-u", "anything:\(token)").body == who.body, "docker sends it so")
        #expect(try await verify(token) == "200")
        #expect(try await verify(token, "PUT", "/v2/flux/app/manifests/latest") == "403")
        #expect(try await verify(token, "GET", "/v2/team/app/tags/list") == "403")
        for (key, algorithm) in [("ed", "EdDSA"), ("p384", "ES384"), ("rsa", "PS512")] {
            let other = try await sign(issuer, #"{"sub": "b", "teams": ["ci"]}"#, key: key, algorithm: algorithm)
            #expect(try await verify(other, "PUT", "/v2/team/app/manifests/latest") == "200", "\(algorithm)")
            #expect(try await verify(other) == "403")
        }
        // A registry's token for it, as docker asks for.
        let made = try await server.curl(
            "/auth/token?service=registry&scope=repository:flux/app:pull,push", "-u", "job:\(token)")
        #expect(made.status == "200" && made.body.contains("access_token"))
        #expect(!made.body.contains("refresh_token"))
        // It has no keys and no sessions.
        #expect(
            try await server.curl("/zot/auth/apikey", "-H", "Authorization: Bearer \(token)", "-d", "{}").status
                == "403")
        for bad in [
            try await sign(issuer, #"{"aud": "other"}"#), try await sign(issuer, #"{"exp": 1}"#),
            try await sign(issuer, "{}", key: "unknown"), try await sign(issuer, #"{"sub": "amy"}"#),
            try await sign("https://evil.example", "{}"), token + "x", "eyJ.eyJ.x", "x.y.z",
            try await sign(issuer, #"{"internal": "true"}"#), try await sign(issuer, #"{"iss_kind": "7"}"#),
            try await sign(issuer, #"{"internal": null}"#), try await sign(issuer, #"{"teams": {"ci": true}}"#),
        ] {
            #expect(try await verify(bad) == "401", "\(bad)")
        }
        try await eventually("the trail tells why") {
            let trail = try folder.text("audit.log")
            return [
                "token-for-others", "token-expired", "token-untrusted", "token-name-taken", "token-not-allowed",
                "token-groups-unusable",
            ].allSatisfy {
                trail.contains(#""reason":"\#($0)""#)
            }
        }
        let (trail, log) = (try folder.text("audit.log"), try server.log)
        #expect(!trail.contains(token.suffix(40)) && !log.contains(token.suffix(40)))
        // Its issuer goes away: who was let in a moment ago is still, and nobody is refused for it.
        running.signal(9)
        _ = await running.waitForExit()
        #expect(try await verify(token) == "200")
        #expect(try await verify(try await sign(issuer, #"{"sub": "system:serviceaccount:flux:source"}"#)) == "200")
    }

    @Test(
        "By a key of somebody else who signs registry tokens: rights go by what the token says, and the challenge says where to get one"
    )
    func foreign() async throws {
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let signing = try await Latchkey(
            auth: "htpasswd: { path: htpasswd }, tokens: { issuer: signer, services: [registry], key: signer.key }",
            folder: folder)
        let other = try TemporaryFolder()
        let server = try await Latchkey(
            auth: """
                bearer: { realm: "\(signing.url)/auth/token", service: registry, issuer: signer, cert: "\(folder.path("signer.crt"))" }
                """, http: "trustedProxies: [127.0.0.1]", folder: other)
        let ask = ["-H", "X-Forwarded-Method: PUT", "-H", "X-Forwarded-Uri: /v2/a/b/manifests/1", "-i"]
        let challenged = try await server.curl("/auth/verify?registry", ask[0], ask[1], ask[2], ask[3], "-i")
        #expect(challenged.status == "401")
        #expect(
            challenged.body.contains(
                #"Bearer realm="\#(signing.url)/auth/token",service="registry",scope="repository:a/b:push""#),
            "\(challenged.body)")
        func token(_ scope: String) async throws -> String {
            let made = try await signing.curl("/auth/token?service=registry&scope=\(scope)", "-u", "amy:apple")
            return String(try #require(made.body.firstMatch(of: #/"token":"([^"]+)"/#)).output.1)
        }
        func verify(_ token: String, _ method: String, _ path: String) async throws -> String {
            try await server.curl(
                "/auth/verify?registry", "-H", "Authorization: Bearer \(token)", "-H", "X-Forwarded-Method: \(method)",
                "-H", "X-Forwarded-Uri: \(path)"
            ).status
        }
        let (pull, all) = (try await token("repository:a/b:pull"), try await token("repository:a/b:pull,push,delete"))
        #expect(try await verify(pull, "GET", "/v2/a/b/tags/list") == "200")
        // A token for more can be had: 401 says so, and for what.
        #expect(try await verify(pull, "PUT", "/v2/a/b/manifests/1") == "401")
        #expect(try await verify(pull, "GET", "/v2/a/c/tags/list") == "401")
        #expect(try await verify(all, "PUT", "/v2/a/b/manifests/1") == "200")
        #expect(try await verify(all, "DELETE", "/v2/a/b/manifests/1") == "200")
        #expect(try await verify(all, "GET", "/v2/") == "200")
        #expect(try await verify(all.replacing("eyJ", with: "eyK", maxReplacements: 1), "GET", "/v2/") == "401")
        #expect(try await server.curl("/auth/whoami", "-H", "Authorization: Bearer \(all)").status == "200")
    }

    @Test(
        "What of zot's bearer tokens can't be honoured is refused when the file is read, and its own examples are taken"
    )
    func configuration() async throws {
        let config = { (bearer: String) in
            let path = try folder.write(
                "c.yaml", "http: { auth: { bearer: \(bearer) } }\nstorage: { rootDirectory: data }\n")
            let output = try await Latchkey.program.run(["check", "--config", path])
            return output.standardOutput + output.standardError
        }
        let issuer = #"issuer: "https://x.example", audiences: [zot]"#
        for (bearer, words) in [
            ("{}", "cert is missing"), ("{ cert: none.pem }", "service is missing"),
            ("{ cert: none.pem, service: s }", "realm is missing"),
            ("{ cert: none.pem, service: s, realm: r }", "can't be read"),
            ("{ upstreamTokenEndpoint: {}, oidc: [] }", "upstreamTokenEndpoint can't be honoured"),
            ("{ awsSecretsManager: { region: x } }", "awsSecretsManager can't be honoured"),
            ("{ oidc: [{ audiences: [zot] }] }", "issuer must be the address"),
            (#"{ oidc: [{ issuer: "https://x.example" }] }"#, "audiences is missing"),
            ("{ oidc: [{ \(issuer), skipIssuerVerification: true }] }", "skipIssuerVerification can't be honoured"),
            ("{ oidc: [{ \(issuer), claimMapping: { variables: [] } }] }", "variables can't be honoured"),
            ("{ oidc: [{ \(issuer), claimMapping: { validations: [] } }] }", "validations can't be honoured"),
            (#"{ oidc: [{ \#(issuer), claimMapping: { username: "claims.a + claims.b" } }] }"#, "must be a claim"),
            ("{ oidc: [{ \(issuer), anybody: true, algorithms: [HS256] }] }", "algorithms must be of"),
            ("{ oidc: [{ \(issuer), anybody: true, certificateAuthority: x }] }", "has no certificate in PEM form"),
            ("{ oidc: [{ \(issuer) }] }", "oidc[0].anybody is missing: https://x.example signs for everybody there"),
            ("{ oidc: [{ \(issuer), anybody: false }] }", "or say anybody: true"),
            ("{ oidc: [{ \(issuer), requiredClaims: { aud: zot } }] }", "or say anybody: true"),
            ("{ oidc: [{ \(issuer), requiredClaims: { a: [] } }] }", "requiredClaims.a must be a text"),
            ("{ oidc: [{ \(issuer), requiredClaims: { a: 9007199254740993 } }] }", "requiredClaims.a must be a text"),
            ("{ oidc: [{ \(issuer), requiredClaims: { a: { b: c } } }] }", "requiredClaims.a must be a text"),
            ("{ oidc: [{ \(issuer), anybody: true, discoveryURL: 'x' }] }", "discoveryURL must be an address"),
        ] {
            let said = try await config(bearer)
            #expect(said.contains(words), "\(bearer): \(said)")
        }
        // zot's own example, with a certificate that is there.
        let certificates = try await Certificates()
        let example = try String(
            contentsOf: Slapd.repository.appending(path: "fixtures/zot/examples/config-bearer-auth.json"),
            encoding: .utf8)
        let path = try folder.write(
            "example.json", example.replacing("/etc/zot/auth.crt", with: certificates.certificate))
        let output = try await Latchkey.program.run(["check", "--config", path])
        #expect(output.standardOutput.contains("configuration: ok"), "\(output)")
    }
}
