import Foundation
import TestSupport

/// A door that runs, with the application behind it and Latchkey beside it.
final class OpenedDoor: Sendable {
    let door: Door
    let port: Int
    let latchkey: Latchkey
    private let folder: TemporaryFolder
    private let process: RunningProcess
    private let application: RunningProcess

    /// What the application got.
    struct Received {
        let method: String
        let target: String
        let bodyLength: Int
        /// The header fields, with names in lower case.
        let fields: [(name: String, value: String)]

        /// The values of a field in whatever spelling CGI would take for it.
        func values(_ name: String) -> [String] {
            fields.filter { $0.name.replacing("_", with: "-") == name }.map(\.value)
        }
    }

    /// - Parameter forBrowsers: whether it leads browsers to the login page, as docs/logins.md has it.
    init(_ door: Door, forBrowsers: Bool = false) async throws {
        self.door = door
        folder = try TemporaryFolder()
        let users = try TemporaryFolder()
        try users.write(
            "htpasswd", ["alice", "bob", "carol"].map { "\($0):{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n" }.joined())
        try users.write("groups", "admins: alice\n")
        // Nobody listens there: whom the file does not know, nobody can judge.
        let directory = "ldap: { urls: ['ldap://127.0.0.1:1'], baseDN: 'dc=example,dc=org', userAttribute: uid }"
        let fastCGI = try Ports.free()
        port = try Ports.free()
        let latchkeyPort = try Ports.free()
        var (http, auth) = (
            try door.http(folder, fastCGI), "htpasswd: { path: htpasswd, groups: groups, authoritative: true }"
        )
        if forBrowsers {
            http += ", externalURL: 'http://127.0.0.1:\(latchkeyPort)'"
            auth +=
                ", openid: { callbackAllowOrigins: ['http://127.0.0.1:\(port)'], providers: { github: { clientid: x, anybody: true } } }"
        }
        latchkey = try await Latchkey(
            configuration: { port in
                """
                http: { port: \(port), auth: { failDelay: 0, \(auth), apikey: true, \(directory) }, \(http) }
                storage: { rootDirectory: data }
                log: { audit: audit.log }
                """
            }, folder: users, port: latchkeyPort)
        let applicationPort = try Ports.free()
        application = try Program("python3", package: "python3").start(
            [Slapd.repository.appending(path: "fixtures/upstream.py").path, "\(applicationPort)"],
            output: folder.url("application"), error: folder.url("application"))
        try door.write(
            into: folder, port: port, latchkey: latchkey.port, fastCGI: fastCGI, application: applicationPort,
            forBrowsers: forBrowsers)
        process = try door.start(in: folder, port: port)
        let (port, running, folder) = (port, process, folder)
        try await eventually("the application listens") { Ports.isOpen(applicationPort) }
        try await eventually("\(door) listens", within: .seconds(60)) {
            guard running.isRunning else {
                let text = try folder.text("err") + folder.text("out")
                throw NeverHappened(description: "\(door) ended: \(text.suffix(2000))")
            }
            return Ports.isOpen(port)
        }
        // Some listen before they have read their rules.
        try await eventually("\(door) asks") { try await self.status("/") == "401" }
    }

    deinit {
        process.signal(SIGKILL)
        application.signal(SIGKILL)
    }

    var url: String { "http://127.0.0.1:\(port)" }

    /// Runs curl against it.
    /// - Returns: the status, the header as it came, and the body.
    func curl(_ path: String, _ arguments: [String] = []) async throws -> (status: String, head: String, body: String) {
        let output = try await Program("curl", package: "curl").run(
            ["-s", "-m", "20", "--path-as-is", "-D", "-", "-w", "\n%{http_code}"] + arguments + [url + path])
        let text = output.standardOutput.replacing("\r\n", with: "\n")
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let rest = lines.dropLast().joined(separator: "\n")
        let parts = rest.split(separator: "\n\n", maxSplits: 1)
        return (
            lines.last.map(String.init) ?? "", parts.first.map(String.init) ?? "",
            parts.count > 1 ? String(parts[1]) : ""
        )
    }

    func status(_ path: String, _ arguments: String...) async throws -> String {
        try await curl(path, arguments).status
    }

    /// Asks the application through the door, with what it got.
    func received(_ path: String, _ arguments: [String]) async throws -> Received {
        let answer = try await curl(path, arguments)
        guard let object = try? JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any],
            let method = object["method"] as? String, let target = object["target"] as? String,
            let length = object["bodyLength"] as? Int, let fields = object["fields"] as? [[String]]
        else {
            throw NeverHappened(description: "\(door): the application did not answer: \(answer)")
        }
        return Received(
            method: method, target: target, bodyLength: length,
            fields: fields.map { ($0[0].lowercased(), $0[1]) })
    }

    /// What the door has printed.
    var log: String { get throws { try folder.text("err") + folder.text("out") } }
}
