import ArgumentParser
import Credentials
import Foundation

/// Which server is asked, and as whom. The password, or an API key, is asked without echo, or is the first line of standard input:
/// an argument could be read by every user of the machine.
struct ServerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The server's address; LATCHKEY_SERVER by default.", valueName: "url"))
    var server: String?
    @Option(name: [.customShort("u"), .long], help: "Your user name; LATCHKEY_USER by default.")
    var user: String?
    @Option(
        help: ArgumentHelp("The only authorities to trust, PEM; by default those of the system.", valueName: "file"))
    var cacert: String?
    @Flag(help: "Send the password to another machine without TLS.") var plainHTTP = false
    @Flag(help: "Print JSON.") var json = false

    /// The server's address without a slash at its end.
    func address() throws(ConfigurationError) -> String {
        guard var text = server ?? ProcessInfo.processInfo.environment["LATCHKEY_SERVER"] else {
            throw ConfigurationError(
                place: "--server", message: "is missing: the address, such as https://auth.example.org")
        }
        while text.hasSuffix("/") { text.removeLast() }
        guard var parts = URLComponents(string: text), let host = parts.host?.lowercased(), !host.isEmpty,
            let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme), parts.query == nil,
            parts.fragment == nil
        else {
            throw ConfigurationError(place: "--server", message: "must be an address such as https://auth.example.org")
        }
        guard parts.user == nil, parts.password == nil else {
            throw ConfigurationError(
                place: "--server", message: "must have no user before the host: name them by --user")
        }
        // A scheme has no case (RFC 3986, 3.1), nor has a host, and what asks the server knows it in this one alone.
        parts.scheme = scheme
        text = parts.string ?? text
        let isHere =
            host == "localhost" || host == "::1" || host == "[::1]"
            || IPNetwork("127.0.0.0/8").map { network in
                IPAddress(host).map { network.contains($0) } ?? false
            } ?? false
        guard scheme == "https" || isHere || plainHTTP else {
            throw ConfigurationError(
                place: "--server",
                message: "\(text) would see your password in the clear, and so would everybody on the way: use "
                    + "https://, or --plain-http if you mean it")
        }
        return text
    }

    /// Who asks.
    func credential() throws(ConfigurationError) -> BasicCredential {
        guard let name = user ?? ProcessInfo.processInfo.environment["LATCHKEY_USER"], !name.isEmpty else {
            throw ConfigurationError(place: "--user", message: "is missing: your user name")
        }
        // RFC 7617, 2: the server would take what is behind it for the secret.
        guard !name.contains(":") else {
            throw ConfigurationError(
                place: "--user",
                message: "must be a name without a colon: the secret is asked for, or read from standard input")
        }
        guard name.utf8.count <= CredentialRules.maximumUserNameLength else {
            throw ConfigurationError(place: "--user", message: "is longer than any user's name")
        }
        let credential = BasicCredential(
            userName: UserName(name), secret: SecretInput.read(prompt: "Password or API key of \(name): "))
        if let reason = CredentialRules.refusal(of: credential) {
            throw ConfigurationError(place: "credential", message: "can't be anybody's: \(reason.rawValue)")
        }
        return credential
    }

    /// Does something with a connection to the server, and reports what fails.
    func withClient(_ body: (LatchkeyClient) async throws -> Void) async throws {
        do {
            let client = try LatchkeyClient(server: address(), credential: credential(), authorities: cacert)
            try await client.closing { try await body(client) }
        } catch {
            throw Failure.report(error)
        }
    }
}
