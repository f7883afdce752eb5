import Foundation
import TestSupport
import Testing

@Suite("Refresh tokens of people in an htpasswd file")
struct RefreshTokenTests {
    private let folder: TemporaryFolder
    /// {SHA} of apple, and of pear.
    private static let (apple, pear) = ("{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=", "{SHA}Piv1+qLD/sH4QGigc7flHXrUSjU=")

    init() throws { folder = try TemporaryFolder() }

    private func write(_ lines: String...) throws {
        try folder.write("htpasswd", lines.map { $0 + "\n" }.joined())
    }

    private func ask(_ server: Latchkey, _ pairs: String...) async throws -> (status: String, refreshToken: String?) {
        let data = pairs.flatMap { ["--data-urlencode", $0] }
        let curl = try Program("curl", package: "curl")
        let output = try await curl.run(["-s", "-w", "\n%{http_code}"] + data + [server.url + "/auth/token"])
            .standardOutput
        let token = output.firstMatch(of: #/"refresh_token":"([^"]+)"/#)?.1.description
        return (output.split(separator: "\n").last.map(String.init) ?? "", token)
    }

    @Test("They live as long as the password: not after it was changed, nor after the user is gone; others' go on")
    func life() async throws {
        try write("amy:\(Self.apple)", "bob:\(Self.apple)")
        let server = try await Latchkey(
            auth: "htpasswd: { path: htpasswd }, apikey: true, tokens: { issuer: i, services: [registry] }",
            folder: folder)
        func login(_ user: String, _ password: String) async throws -> String {
            let answer = try await ask(
                server, "grant_type=password", "username=\(user)", "password=\(password)", "access_type=offline",
                "service=registry", "client_id=test")
            return try #require(answer.refreshToken, "\(answer)")
        }
        func status(_ token: String) async throws -> String {
            try await ask(
                server, "grant_type=refresh_token", "refresh_token=\(token)", "service=registry", "client_id=test"
            ).status
        }
        let (amy, bob) = (try await login("amy", "apple"), try await login("bob", "apple"))
        #expect(!amy.contains("apple"))
        for token in [amy, bob] { #expect(try await status(token) == "200") }
        #expect(try await status(amy + "x") == "401")
        try write("amy:\(Self.pear)", "bob:\(Self.apple)")
        try await eventually("amy's is over with her password") { try await status(amy) == "401" }
        #expect(try await status(bob) == "200")
        let new = try await login("amy", "pear")
        #expect(try await status(new) == "200")
        try write("bob:\(Self.apple)")
        try await eventually("amy is gone") { try await status(new) == "401" }
        // Whoever gets the name, and even the password, after a while is taken for the same: an htpasswd file has no other names.
        #expect(try await status(bob) == "200")
    }
}

@Suite("Registry tokens, as programs of others verify them")
struct TokenVerifierTests {
    @Test(
        "By the libraries that Distribution 3 (go-jose) and zot (golang-jwt) are built on; not when anything is changed",
        arguments: ["ES256", "RS256"])
    func libraries(algorithm: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let server = try await Latchkey(
            auth:
                "htpasswd: { path: htpasswd }, tokens: { issuer: i, services: [registry], key: t.key, algorithm: \(algorithm) }",
            folder: folder)
        try folder.write("jwks", try await server.curl("/auth/jwks.json").body)
        let answer = try await server.curl(
            "/auth/token?service=registry&scope=repository:a/b:pull", "-u", "amy:apple")
        let token = try #require(answer.body.firstMatch(of: #/"token":"([^"]+)"/#), "\(answer)").output.1
        let go = try Program("go", package: "golang-go")
        let script = Slapd.repository.appending(path: "fixtures/tokens/verify.go").path
        let verified = try await go.run(
            ["run", script, folder.path("jwks"), folder.path("t.crt"), algorithm], input: Data(token.utf8),
            environment: [
                "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": folder.path("cache"), "GOFLAGS": "",
            ])
        #expect(verified.standardOutput == "taken by both\n", "\(verified)")
    }

    @Test(
        "By the published keys, as Distribution 3 does, and by the certificate, as zot's bearer does; not when anything is changed"
    )
    func others() async throws {
        let folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        for algorithm in ["ES256", "RS256"] {
            let keys = "key: \(algorithm).key, algorithm: \(algorithm)"
            let server = try await Latchkey(
                auth: "htpasswd: { path: htpasswd }, tokens: { issuer: i, services: [registry], \(keys) }",
                folder: folder)
            let script = """
                import base64, json, sys, urllib.request
                from cryptography import x509
                from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
                from jwcrypto import jwk, jws, jwt
                url, certificate, algorithm = sys.argv[1:]
                request = urllib.request.Request(url + "/auth/token?service=registry&scope=repository:a/b:pull")
                request.add_header("Authorization", "Basic " + base64.b64encode(b"amy:apple").decode())
                token = json.load(urllib.request.urlopen(request))["token"]
                published = jwk.JWKSet.from_json(urllib.request.urlopen(url + "/auth/jwks.json").read())
                header = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
                assert header["alg"] == algorithm and "jwk" not in header, header
                public = x509.load_pem_x509_certificate(open(certificate, "rb").read()).public_key()
                by_certificate = jwk.JWK.from_pem(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
                for key in published.get_key(header["kid"]), by_certificate:
                    claims = json.loads(jwt.JWT(jwt=token, key=key, algs=[algorithm], check_claims={"iss": "i", "aud": "registry"}).claims)
                    assert claims["access"] == [{"type": "repository", "name": "a/b", "actions": ["pull"]}], claims
                    head, body, signature = token.split(".")
                    other = base64.urlsafe_b64encode(json.dumps(dict(claims, sub="root")).encode()).decode().rstrip("=")
                    for changed in f"{head}.{other}.{signature}", f"{head}.{body}.{signature[:-4]}AAAA":
                        try:
                            jwt.JWT(jwt=changed, key=key, algs=[algorithm])
                            sys.exit("a changed token was taken")
                        except jws.InvalidJWSSignature:
                            pass
                print("taken")
                """
            let output = try await Program("python3", package: "python3-jwcrypto").run(
                ["-c", script, server.url, folder.path("\(algorithm).crt"), algorithm])
            #expect(output.standardOutput == "taken\n", "\(algorithm): \(output)")
            await server.stop()
        }
    }
}
