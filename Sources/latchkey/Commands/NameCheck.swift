import Credentials
import Foundation
import Htpasswd
import LDAPDirectory
import SQLiteStorage
import Sessions

/// What `latchkey check` says of names that two people have: of somebody at a provider, and of somebody of the htpasswd file or the directory. The first can't
/// come in for as long as that is so.
struct NameCheck {
    /// How many people a directory is asked about.
    private static let maximumQuestions = 200
    /// How many are told.
    private static let maximumTold = 20

    let configuration: Configuration
    let htpasswd: HtpasswdSource?
    let directory: DirectorySource?

    func run() async -> [CheckResult] {
        guard configuration.openID != nil, configuration.postgreSQL == nil,
            let folder = configuration.rootDirectory.map({ URL(filePath: $0) }), SQLiteStore.exists(in: folder)
        else { return [] }
        do {
            return try await find(in: try SQLiteStore(readingFrom: folder))
        } catch {
            return [.init(what: "names", verdict: .unavailable, text: "the names of people of providers can't be read")]
        }
    }

    private func find(in store: SQLiteStore) async throws -> [CheckResult] {
        var (results, asked): ([CheckResult], Int) = ([], 0)
        var last: UserName?
        while case let page = try await store.identityPage(after: last), let final = page.last {
            last = final.userName
            for record in page {
                var holder: String?
                if await htpasswd?.isTaken(record.userName) == true { holder = "the htpasswd file" }
                if holder == nil, let directory, asked < Self.maximumQuestions {
                    asked += 1
                    if await directory.isTaken(record.userName) == true { holder = "the directory" }
                }
                guard let holder else { continue }
                results.append(
                    .init(
                        what: "names", verdict: .note,
                        text:
                            "\(record.userName) of \(record.source) can't come in: \(holder) has somebody of that name, or nearly"
                    )
                )
                guard results.count < Self.maximumTold else { return results }
            }
        }
        return results
    }
}
