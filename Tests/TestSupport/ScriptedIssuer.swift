import Foundation

/// An OpenID provider that says what a test tells it to say (fixtures/logins/issuer.py): for what no real one can be made to say.
public final class ScriptedIssuer: Sendable {
    /// The issuer's address.
    public let url: String
    private let folder: TemporaryFolder
    private let process: RunningProcess
    private static let event = "http://schemas.openid.net/event/backchannel-logout"

    /// Starts it on a free port.
    public init() async throws {
        folder = try TemporaryFolder()
        let port = try Ports.free()
        url = "http://127.0.0.1:\(port)"
        process = try Program("python3", package: "python3-jwcrypto").start(
            [Slapd.repository.appending(path: "fixtures/logins/issuer.py").path, "\(port)"], output: folder.url("out"),
            error: folder.url("err"))
        try await eventually("the issuer listens") { Ports.isOpen(port) }
    }

    deinit { process.signal(SIGKILL) }

    /// What Latchkey's configuration says of it among its providers.
    /// - Parameters:
    ///   - name: the provider's name.
    ///   - more: further keys, in flow form.
    public func provider(_ name: String = "p1", _ more: String = "") -> String {
        """
        \(name): { issuer: "\(url)", clientid: latchkey, clientsecret: x, \(more)claimMapping: { username: preferred_username } }
        """
    }

    /// Logs somebody in at a server, as a new browser.
    /// - Parameter claims: what the ID token says.
    /// - Returns: the session's cookie, and the answer of `/auth/whoami`; no cookie if the login was refused.
    public func logIn(
        _ server: Latchkey, provider: String = "p1", _ claims: [String: (any Sendable)?]
    ) async throws -> (cookie: String, answer: String) {
        _ = try await post("/say", claims)
        let jar = folder.path("jar-\(UUID())")
        let answer = try await Program("curl", package: "curl").run([
            "-s", "-L", "-c", jar, "-b", jar, "\(server.url)/auth/login?provider=\(provider)&rd=/auth/whoami",
        ])
        let cookies = try String(contentsOf: URL(filePath: jar), encoding: .utf8)
        let value = cookies.firstMatch(of: #/\tlatchkey\t(\S+)/#)?.output.1 ?? ""
        return ("latchkey=\(value)", answer.standardOutput)
    }

    /// A token of a program, as the issuer signs it for `latchkey`.
    /// - Parameter claims: what it says beside that.
    public func token(_ claims: [String: (any Sendable)?]) async throws -> String {
        try await post(
            "/sign", ["sub": "job", "exp": Int(Date.now.timeIntervalSince1970) + 600].merging(claims) { $1 })
    }

    /// A logout token.
    /// - Parameter claims: what it says beside what each one does; nil leaves a claim out.
    public func logoutToken(_ claims: [String: (any Sendable)?]) async throws -> String {
        let usual: [String: (any Sendable)?] = ["jti": UUID().uuidString, "events": [Self.event: [String: String]()]]
        return try await post("/sign", usual.merging(claims) { $1 })
    }

    /// Tells a server of a logout.
    /// - Returns: the status of its answer.
    public func tell(_ server: Latchkey, provider: String = "p1", _ token: String) async throws -> String {
        try await server.curl("/auth/backchannel-logout/\(provider)", "--data-urlencode", "logout_token=\(token)")
            .status
    }

    private func post(_ path: String, _ claims: [String: (any Sendable)?]) async throws -> String {
        let values = claims.mapValues { $0.map { $0 as any Sendable } ?? NSNull() }
        let text = String(decoding: try JSONSerialization.data(withJSONObject: values), as: UTF8.self)
        return try await Program("curl", package: "curl").run(["-sf", "-d", text, url + path]).standardOutput
    }
}
