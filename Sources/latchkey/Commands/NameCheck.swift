import APIKeys
import Credentials
import Foundation
import Htpasswd
import LDAPDirectory
import Logging
import PostgreSQLStorage
import SQLiteStorage
import Sessions

/// What `latchkey check` says of names that two have: somebody of the htpasswd file or the directory, and beside them somebody at a provider, a program with a token,
/// or a service account. The second can't come in for as long as that is so.
///
/// A certificate is not told of: whoever makes one means whom the file or the directory knows by its name. Nor is whoever holds no name any more, and nobody whom
/// an operator has linked to the name: they come in as that person.
struct NameCheck {
    /// How many names a directory is asked about.
    private static let maximumQuestions = 200
    /// How many are told.
    private static let maximumTold = 20

    let configuration: Configuration
    let htpasswd: HtpasswdSource?
    let directory: DirectorySource?

    /// What was found so far.
    private struct Findings {
        var results: [CheckResult] = []
        var asked = 0
        var isFull: Bool { results.count >= NameCheck.maximumTold }
    }

    func run() async -> [CheckResult] {
        guard configuration.hasStore, htpasswd != nil || directory != nil else { return [] }
        do {
            guard let store = try open() else { return [] }
            var findings = Findings()
            try await people(store, &findings)
            try await serviceAccounts(store, &findings)
            try store.shutDown()
            if findings.asked > Self.maximumQuestions {
                findings.results.append(
                    .init(
                        what: "names", verdict: .note,
                        text:
                            "the directory was asked about the first \(Self.maximumQuestions) names, and not about the others"
                    ))
            }
            return findings.results
        } catch {
            return [
                .init(
                    what: "names", verdict: .unavailable,
                    text: "the names of people of providers and of service accounts can't be read")
            ]
        }
    }

    /// The store, to look at beside the server that has it; nil if no server has made one yet.
    private func open() throws -> (any NodeStore)? {
        if let options = configuration.postgreSQL { return try PostgreSQLStore.reading(options) }
        guard let folder = configuration.rootDirectory.map({ URL(filePath: $0) }), SQLiteStore.exists(in: folder)
        else { return nil }
        return try SQLiteStore(readingFrom: folder)
    }

    private func people(_ store: any NodeStore, _ findings: inout Findings) async throws {
        let people = Assembly.strangers(configuration, store).filter { $0.name != .certificate }
        var last: UserName?
        while !findings.isFull, case let page = try await store.identityPage(after: last), let final = page.last {
            last = final.userName
            for record in page where !record.groups.isNameLinked && people.contains(where: { $0.vouches(for: record) })
            {
                try await tell(record.userName, "\(record.userName) of \(record.source) can't come in", &findings)
            }
        }
    }

    private func serviceAccounts(_ store: any NodeStore, _ findings: inout Findings) async throws {
        guard configuration.apiKeys else { return }
        let names = ServiceAccountNames(store: store)
        var last: UserName?
        while !findings.isFull, case let page = try await store.serviceAccountPage(after: last), let final = page.last {
            last = final
            for name in page where await names.holds(name) == true {
                try await tell(name, "the keys of the service account \(name) are refused", &findings)
            }
        }
    }

    /// Notes who else has a name, if anybody has.
    private func tell(_ name: UserName, _ what: String, _ findings: inout Findings) async throws {
        guard !findings.isFull else { return }
        var holder: String?
        if await htpasswd?.isTaken(name) == true { holder = "the htpasswd file" }
        if holder == nil, let directory {
            findings.asked += 1
            if findings.asked <= Self.maximumQuestions, await directory.isTaken(name) == true {
                holder = "the directory"
            }
        }
        guard let holder else { return }
        findings.results.append(
            .init(what: "names", verdict: .note, text: "\(what): \(holder) has somebody of that name, or nearly"))
    }
}
