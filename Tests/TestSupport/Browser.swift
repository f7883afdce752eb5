import Foundation

/// A browser without scripts (fixtures/logins/browser.py): it follows redirections and forms, and keeps its cookies.
public struct Browser: Sendable {
    /// Where it has come.
    public struct Page: Sendable, Decodable {
        public let status: Int
        public let url: String
        public let body: String
        /// All addresses on the way.
        public let way: [String]
        public let cookies: [String: String]
    }

    private struct Task: Encodable {
        var url: String
        var until: String
        var stopBefore: String?
        var fields: [String: String]
        var jar: String
    }

    private let jar: String

    /// - Parameter folder: keeps its cookies.
    public init(_ folder: TemporaryFolder, name: String = "jar") { jar = folder.path(name) }

    /// Goes to an address.
    /// - Parameters:
    ///   - url: where it begins.
    ///   - origin: where it stops, once it is there and no redirection leads on.
    ///   - stopBefore: the beginning of an address to which it is not to go.
    ///   - fields: what it types into forms, by the name of a field, or `password` for any of that type.
    public func go(
        to url: String, until origin: String, stopBefore: String? = nil, typing fields: [String: String] = [:]
    ) async throws -> Page {
        let task = Task(url: url, until: origin, stopBefore: stopBefore, fields: fields, jar: jar)
        let script = Slapd.repository.appending(path: "fixtures/logins/browser.py").path
        let output = try await Program("python3", package: "python3").run(
            [script], input: try JSONEncoder().encode(task))
        guard output.status == 0 else { throw NeverHappened(description: output.standardError) }
        return try JSONDecoder().decode(Page.self, from: Data(output.standardOutput.utf8))
    }
}
