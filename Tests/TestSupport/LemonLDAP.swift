import Foundation

/// A real OpenID Connect provider in Perl (https://lemonldap-ng.org), with the people of its demonstration: dwho, rtyler and msmith, each with
/// their own name as the password.
public final class LemonLDAP: Sendable {
    private static let clientSecret = "a secret: with 100% odd+signs"

    public let issuer: String
    private let folder: TemporaryFolder
    private let process: RunningProcess

    /// Starts it on a free port.
    /// - Parameter origin: where browsers are sent back to.
    public init(sendingBackTo origin: String) async throws {
        let (folder, port) = (try TemporaryFolder(), try Ports.free())
        self.folder = folder
        issuer = "http://localhost:\(port)"
        let openssl = try Program("openssl", package: "openssl")
        _ = try await openssl.run(["genrsa", "-out", folder.path("key"), "2048"])
        _ = try await openssl.run(["pkey", "-in", folder.path("key"), "-pubout", "-out", folder.path("public")])
        let script = Slapd.repository.appending(path: "fixtures/logins/lemonldap.py").path
        let output = try await Program("python3", package: "python3").run(
            [script, folder.root.path, "\(port)", origin, Self.clientSecret])
        guard output.status == 0 else { throw NeverHappened(description: "lemonldap.py: \(output.standardError)") }
        // Several workers: a browser opens connections that it does not use at once, and one would wait for them.
        process = try Program("starman", package: "starman").start(
            [
                "--listen", "127.0.0.1:\(port)", "--workers", "4", "--disable-keepalive",
                "/usr/share/lemonldap-ng/portal/htdocs/index.psgi",
            ], output: folder.url("log"), error: folder.url("log"),
            environment: ["LLNG_DEFAULTCONFFILE": folder.path("lemonldap-ng.ini")])
        let running = process
        try await eventually("LemonLDAP::NG listens", within: .seconds(60)) {
            guard running.isRunning else { throw NeverHappened(description: "it ended: \(try folder.text("log"))") }
            return Ports.isOpen(port)
        }
    }

    // Its workers end with it.
    deinit { process.signal(SIGTERM) }

    /// What Latchkey's configuration says of it among its providers.
    public var provider: String {
        "lemonldap: { issuer: \"\(issuer)\", clientid: latchkey, clientsecret: \"\(Self.clientSecret)\", "
            + "tokenAuthMethod: client_secret_post, scopes: [openid, profile, email], claimMapping: { username: preferred_username } }"
    }

    /// What Latchkey's configuration says of it alone.
    public var configuration: String { "openid: { providers: { \(provider) } }" }
}
