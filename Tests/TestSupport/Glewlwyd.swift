import Foundation

/// A real OpenID Connect provider in C (https://github.com/babelouest/glewlwyd), on its own SQLite database, with one person and a client.
public final class Glewlwyd: Sendable {
    public static let (user, password) = ("alice", "apple-pie-1")
    private static let clientSecret = "a secret: with odd signs%"

    public let issuer: String
    private let base: String
    private let folder: TemporaryFolder
    private let process: RunningProcess

    /// Starts it on a free port.
    /// - Parameter origin: where browsers are sent back to.
    public init(sendingBackTo origin: String) async throws {
        folder = try TemporaryFolder()
        let port = try Ports.free()
        base = "http://localhost:\(port)/api"
        issuer = base + "/oidc"
        // Its page, which Debian leaves to a web server, with a configuration where the page looks for it.
        let (files, page) = (FileManager.default, folder.path("webapp"))
        // Its links lead to files of other packages, and some to none.
        _ = try await Program("cp", package: "coreutils").run(["-rL", "/usr/share/glewlwyd/webapp", page])
        try files.removeItem(atPath: page + "/config.json")
        try files.copyItem(atPath: "/usr/share/glewlwyd/templates/config.json", toPath: page + "/config.json")
        // Debian's own configuration and tables.
        var text = try String(
            contentsOfFile: "/usr/share/glewlwyd/templates/glewlwyd-debian.conf.properties", encoding: .utf8)
        for (pattern, value) in [
            ("port=", "port=\(port)"), ("external_url=", "external_url=\"http://localhost:\(port)\""),
            ("log_mode=", "log_mode=\"console\""), ("# static_files_path=", "static_files_path=\"\(page)/\""),
            ("@include", "database = { type = \"sqlite3\"; path = \"\(folder.path("g.db"))\"; };"),
        ] {
            text = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                line.hasPrefix(pattern) ? value : String(line)
            }.joined(separator: "\n")
        }
        let configuration = try folder.write("glewlwyd.conf", text)
        let tables = try Data(contentsOf: URL(filePath: "/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3"))
        _ = try await Program("sqlite3", package: "sqlite3").run([folder.path("g.db")], input: tables)
        let openssl = try Program("openssl", package: "openssl")
        _ = try await openssl.run(["genrsa", "-out", folder.path("key"), "2048"])
        _ = try await openssl.run(["pkey", "-in", folder.path("key"), "-pubout", "-out", folder.path("public")])
        process = try Program("glewlwyd", package: "glewlwyd").start(
            ["--config-file=\(configuration)"], output: folder.url("log"), error: folder.url("log"))
        try await eventually("glewlwyd listens", within: .seconds(60)) { Ports.isOpen(port) }
        _ = try await Self.run([
            "setup", base, folder.path("key"), folder.path("public"), origin + "/auth/callback/glewlwyd",
            Self.clientSecret,
        ])
    }

    deinit { process.signal(SIGKILL) }

    /// What Latchkey's configuration says of it among its providers.
    /// - Parameter more: further keys, in flow form.
    public func provider(_ more: String = "") -> String {
        "glewlwyd: { issuer: \"\(issuer)\", clientid: latchkey, clientsecret: \"\(Self.clientSecret)\", "
            + "tokenAuthMethod: client_secret_post, \(more)scopes: [openid], claimMapping: { username: preferred_username } }"
    }

    /// What Latchkey's configuration says of it alone.
    /// - Parameter more: further keys of the provider, in flow form.
    public func configuration(_ more: String = "") -> String { "openid: { providers: { \(provider(more)) } }" }

    /// Goes to an address, logs in where that leads, and follows until it is back.
    public func logIn(at url: String, password: String = Glewlwyd.password) async throws -> Browser.Page {
        let output = try await Self.run(["login", base, url, Self.user, password])
        return try JSONDecoder().decode(Browser.Page.self, from: Data(output.utf8))
    }

    /// What came of two logins of one person, of which the second was logged out, there too.
    public struct Logout: Decodable, Sendable {
        /// Where the page led to log out at the provider.
        public let address: String
        /// Where the provider led from there.
        public let led: String
        /// The session that was left alone.
        public let first: String
        /// The one that was logged out.
        public let second: String
    }

    /// Logs somebody in twice, and out once, here and there.
    public func logOut(at url: String) async throws -> Logout {
        let output = try await Self.run(["logout", base, url, Self.user, Self.password])
        return try JSONDecoder().decode(Logout.self, from: Data(output.utf8))
    }

    private static func run(_ arguments: [String]) async throws -> String {
        let script = Slapd.repository.appending(path: "fixtures/logins/glewlwyd.py").path
        let output = try await Program("python3", package: "python3").run([script] + arguments)
        guard output.status == 0 else { throw NeverHappened(description: "glewlwyd: \(output.standardError)") }
        return output.standardOutput
    }
}
