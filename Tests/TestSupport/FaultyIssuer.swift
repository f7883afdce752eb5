import Foundation

/// An identity provider whose faults a test chooses while it runs: paths that do not come to their end, answers that take their time.
/// Whoever is sent to it is logged in at once.
public final class FaultyIssuer: Sendable {
    /// The address by which it names itself.
    public let issuer: String
    public let port: Int
    private let folder: TemporaryFolder
    private let process: RunningProcess

    /// Starts it and waits until it listens.
    /// - Parameters:
    ///   - certificates: for one that speaks TLS; nil for none.
    ///   - host: the name in its address.
    public init(certificates: Certificates? = nil, host: String = "127.0.0.1") async throws {
        folder = try TemporaryFolder()
        port = try Ports.free()
        issuer = "\(certificates == nil ? "http" : "https")://\(host):\(port)"
        let script = Slapd.repository.appending(path: "fixtures/logins/faulty-issuer.py").path
        process = try Program("python3", package: "python3-jwcrypto").start(
            [script, "\(port)", issuer, folder.path("state")]
                + (certificates.map { [$0.certificate, $0.key] } ?? []), output: folder.url("log"),
            error: folder.url("log"))
        let (folder, process) = (folder, process)
        try await eventually("the issuer listens") {
            guard process.isRunning else { throw NeverHappened(description: try folder.text("log")) }
            return try folder.text("log").contains("ready")
        }
    }

    deinit { process.signal(SIGKILL) }

    /// What is wrong with it from now on.
    /// - Parameters:
    ///   - stalled: the paths whose answers begin and do not end.
    ///   - trickling: the paths whose answers come by the byte, one a second.
    ///   - pause: how long each answer of the token endpoint takes, in seconds.
    ///   - refusesCodes: whether no code is taken.
    ///   - refusal: how a code that it does not take is refused; nil for as the standard has it.
    ///   - keys: which keys it has: another number, other keys.
    ///   - isNamed: whether keys have names; they are always the same.
    public func become(
        stalled: [String] = [], trickling: [String] = [], pause: Double = 0, refusesCodes: Bool = false,
        refusal: (status: Int, text: String)? = nil, keys: Int = 0, isNamed: Bool = true
    ) throws {
        var state: [String: Any] = [
            "stalled": stalled, "trickling": trickling, "pause": pause, "refuses": refusesCodes, "keys": keys,
            "named": isNamed,
        ]
        if let refusal { state["refusal"] = [refusal.status, refusal.text] as [Any] }
        // Read as a whole or not at all.
        try JSONSerialization.data(withJSONObject: state).write(to: folder.url("state"), options: .atomic)
    }

    /// How often a path was asked for.
    public func count(_ path: String) throws -> Int {
        try folder.text("log").split(separator: "\n").count { $0.hasSuffix(" " + path) }
    }

    /// Has it sign a token with its key of now.
    public func token(_ claims: [String: any Sendable]) async throws -> String {
        let body = String(decoding: try JSONSerialization.data(withJSONObject: claims), as: UTF8.self)
        let output = try await Program("curl", package: "curl").run(
            ["-sk", "--noproxy", "*", "-d", body, issuer + "/sign"])
        return output.standardOutput
    }

    /// What is written into the configuration for people who log in at it.
    public func configuration(_ more: String = "") -> String {
        """
        p1: { issuer: "\(issuer)", clientid: latchkey, clientsecret: x,
              claimMapping: { username: preferred_username, groups: groups } \(more) }
        """
    }
}
