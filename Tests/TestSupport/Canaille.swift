import Foundation

/// A real OpenID Connect provider in Python (https://canaille.readthedocs.io), with two people, a group and a client.
public final class Canaille: Sendable {
    /// Who can log in: by user name, with their passwords.
    public static let people = ["alice": "apple-pie-1", "bob": "bobs-word-22"]
    /// How the client is known to it.
    public static let (clientID, clientSecret) = ("latchkey", "a secret: with odd signs%")

    public let issuer: String
    private let folder: TemporaryFolder
    private let process: RunningProcess

    /// Starts it on a free port.
    /// - Parameter origin: where browsers are sent back to; the callbacks of a provider `canaille` below it.
    public init(sendingBackTo origin: String) async throws {
        folder = try TemporaryFolder()
        let port = try Ports.free()
        issuer = "http://localhost:\(port)"
        let key = try await Self.key()
        try folder.write(
            "config.toml",
            """
            SECRET_KEY = "\(UUID().uuidString)"
            SERVER_NAME = "localhost:\(port)"
            PREFERRED_URL_SCHEME = "http"
            [CANAILLE]
            DATABASE = "sql"
            [CANAILLE_SQL]
            DATABASE_URI = "sqlite:///\(folder.path("canaille.sqlite"))"
            [CANAILLE_OIDC]
            ACTIVE_JWKS = [{\(key)}]

            """)
        let environment = ["CANAILLE_CONFIG": folder.path("config.toml")]
        let program = try Program(python: "canaille", distribution: "canaille[front,oidc,sqlite,server]")
        func run(_ arguments: [String], input: String = "") async throws {
            let output = try await program.run(arguments, input: Data(input.utf8), environment: environment)
            guard output.status == 0 else {
                throw NeverHappened(description: "canaille \(arguments): \(output.standardError)")
            }
        }
        try await run(["install"])
        // One by one they would take some ten seconds.
        try await run(["restore"], input: Self.models(origin))
        process = try program.start(
            ["run", "--bind", "127.0.0.1:\(port)"], output: folder.url("log"), error: folder.url("log"),
            environment: environment)
        try await eventually("canaille listens", within: .seconds(60)) { Ports.isOpen(port) }
    }

    deinit { process.signal(SIGKILL) }

    /// Waits for another second by the clock: two tokens of one person's in one second are the same text to it, which its database refuses.
    public static func nextSecond() async throws {
        let second = Int(Date.now.timeIntervalSince1970)
        try await eventually("another second") { Int(Date.now.timeIntervalSince1970) > second }
    }

    /// What Latchkey's configuration says of it among its providers.
    public var provider: String {
        """
        canaille: { name: "Corporate SSO", issuer: "\(issuer)", clientid: \(Self.clientID),
        clientsecret: "\(Self.clientSecret)", scopes: [openid, profile, email, groups],
        claimMapping: { username: preferred_username } }
        """.replacing("\n", with: " ")
    }

    /// What Latchkey's configuration says of it alone.
    /// - Parameter more: further keys of `openid`, in flow form.
    public func configuration(_ more: String = "") -> String {
        "openid: { \(more)callbackAllowOrigins: [\"http://app.example:3000\"], providers: { \(provider) } }"
    }

    /// People, group and client, in the form of `canaille dump`.
    private static func models(_ origin: String) -> String {
        func person(_ number: Int, _ name: String, _ groups: String) -> String {
            """
            {"id": "00000000-0000-4000-8000-00000000000\(number)", "user_name": "\(name)", "display_name": "\(name)",
            "password": "\(people[name] ?? "")", "family_name": "Archer", "given_name": "\(name.capitalized)",
            "formatted_name": "\(name.capitalized) Archer", "emails": ["\(name)@example.org"], "groups": [\(groups)]}
            """
        }
        let (group, client) = ("00000000-0000-4000-8000-000000000010", "00000000-0000-4000-8000-000000000020")
        return """
            {"user": [
            \(person(1, "alice", "\"\(group)\"")), \(person(2, "bob", ""))],
            "group": [{"id": "\(group)", "display_name": "admins", "members": ["00000000-0000-4000-8000-000000000001"]}],
            "client": [{"id": "\(client)", "audience": ["\(client)"], "client_id": "\(clientID)", "client_secret": "\(clientSecret)",
            "redirect_uris": ["\(origin)/auth/callback/canaille", "\(origin)/zot/auth/callback/canaille"],
            "post_logout_redirect_uris": ["\(origin)/auth/login", "\(origin)/login"], "token_endpoint_auth_method": "client_secret_basic",
            "grant_types": ["authorization_code"], "response_types": ["code"], "client_name": "Latchkey",
            "scope": ["openid", "profile", "email", "groups"], "id_token_signed_response_alg": "RS256"}]}
            """
    }

    /// A key of RSA as TOML writes it.
    private static func key() async throws -> String {
        let script = """
            import json
            from joserfc import jwk
            key = jwk.RSAKey.generate_key(2048, private=True).as_dict(private=True)
            key.update(kid="one", use="sig", alg="RS256")
            print(",".join(f"{name} = {json.dumps(value)}" for name, value in key.items()))
            """
        let output = try await Program(python: "python", distribution: "canaille").run(["-c", script])
        guard output.status == 0 else { throw NeverHappened(description: output.standardError) }
        return output.standardOutput.trimmingCharacters(in: .newlines)
    }
}
