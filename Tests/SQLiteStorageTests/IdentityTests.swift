import Credentials
import Foundation
import SQLiteStorage
import Sessions
import TestSupport
import Testing

@Suite("Who has logged in by a provider")
struct IdentityStoreTests {
    private let folder: TemporaryFolder
    private let store: SQLiteStore
    private let now = Date(timeIntervalSince1970: 1_900_000_000)

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteStore(folder: folder.url("data"))
    }

    private func record(
        _ identity: Identity, _ name: UserName, groups: StatedGroups = [], after: TimeInterval = 0,
        source: String = "openid:corp"
    ) -> IdentityRecord {
        IdentityRecord(
            source: SourceName(rawValue: source), identity: identity, userName: name, groups: groups, displayName: "É",
            email: nil, lastLogin: now + after)
    }

    private func log(_ record: IdentityRecord) async throws -> Bool {
        try await store.noteLogin(record) { $0.lastLogin >= record.lastLogin - 1000 }
    }

    @Test("Whoever has not logged in for long vouches for nothing any more, and a name without its source for nobody")
    func people() async throws {
        _ = try await log(record("iss|1", "alice", groups: ["a"]))
        let clock = Locked(now)
        let corp = ProviderPeople(
            SourceName(rawValue: "openid:corp"), issuers: ["iss"], store: store, lifetime: .seconds(100),
            naming: GroupNaming(of: "corp"), clock: { clock.withLock { $0 } })
        let other = ProviderPeople(
            SourceName(rawValue: "openid:other"), issuers: ["iss"], store: store, lifetime: .seconds(100),
            clock: { clock.withLock { $0 } })
        func says(_ people: ProviderPeople) async -> [String] {
            var answers: [String] = []
            for answer in [await people.lookUp(identity: "iss|1"), await people.lookUp(userName: "alice")] {
                if case .found(let principal) = answer {
                    answers.append(
                        "\(principal.userName) \(principal.groups.map(\.qualifiedName.text)) \(principal.identity)")
                } else {
                    answers.append("\(answer)")
                }
            }
            return answers
        }
        #expect(await says(corp) == Array(repeating: #"alice ["corp:a"] iss|1"#, count: 2))
        #expect(await says(other) == ["absent", "absent"])
        clock.withLock { $0 += 100 }
        #expect(await says(corp) == ["absent", "absent"])
    }
}
