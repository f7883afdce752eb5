import Credentials
import Foundation
import Synchronization
import SQLiteStorage
import TestSupport
import Testing

@testable import APIKeys

/// A directory whose answer a test changes.
private final class ChangingDirectory: UserDirectory {
    let name = SourceName.ldap
    let answer: Locked<UserLookup>
    let asked = Atomic<Int>(0)

    init(_ answer: UserLookup) { self.answer = Locked(answer) }

    func lookUp(userName: UserName) async -> UserLookup { await lookUp(identity: Identity(named: userName)) }
    func lookUp(identity: Identity) async -> UserLookup {
        asked.add(1, ordering: .relaxed)
        return answer.withLock { $0 }
    }
}

@Suite("The API-key source")
struct APIKeySourceTests {
    private let alice = Principal(userName: "alice", groups: [Group(name: "today")], source: .ldap)
    private let folder: TemporaryFolder
    private let store: SQLiteStore
    private let ring: APIKeyRing
    private let directory: ChangingDirectory

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteStore(folder: folder.url("data"))
        ring = APIKeyRing(store: store)
        directory = ChangingDirectory(.found(alice))
    }

    private func source(interval: Duration = .seconds(300), grace: Duration = .seconds(3600)) -> APIKeySource {
        APIKeySource(ring: ring, owners: OwnerCheck(directories: [directory], interval: interval, grace: grace))
    }

    private func key(expires: Date? = nil, scopes: [Scope] = []) async throws -> (APIKeyRecord, String) {
        let (record, key) = try await ring.create(
            owner: alice, label: "", scopes: scopes, expirationDate: expires, userAgent: "")
        return (record, key.text)
    }

    private func says(_ source: APIKeySource, _ key: String, user: String = "alice") async -> String {
        switch await source.judge(.init(userName: UserName(user), secret: Secret(key))) {
        case .authenticated(let principal): principal.userName.text
        case .rejected(let reason, _): reason.rawValue
        case .unknownUser: "unknown"
        case .unavailable(let failure): "unavailable: \(failure.code.rawValue)"
        }
    }

    @Test("A key is its owner, with the groups of today, the key's id and its scopes")
    func principal() async throws {
        let scopes = [Scope("repo1")].compactMap { $0 }
        let (record, key) = try await key(scopes: scopes)
        guard case .authenticated(let principal) = await source().judge(.init(userName: "Alice", secret: Secret(key)))
        else {
            Issue.record("not authenticated")
            return
        }
        #expect(principal == alice.authenticated(by: .apiKey(id: record.id, scopes: scopes)))
    }

    @Test("Unknown keys, other people's, expired and revoked ones are refused with their reason")
    func refusals() async throws {
        let source = source()
        #expect(await says(source, APIKey.random().text) == "unknown-key")
        let (record, key) = try await key()
        #expect(await says(source, key, user: "mallory") == "key-of-another-user")
        let (_, expired) = try await self.key(expires: .now)
        #expect(await says(source, expired) == "key-expired")
        #expect(await says(source, key) == "alice")
        _ = try await ring.revoke(.own(record.id, CredentialOwner(alice)), cause: .owner)
        #expect(await says(source, key) == "key-revoked")
    }

    @Test("A key that was used lately is known without waiting, and is not any more once it is revoked")
    func known() async throws {
        let source = source()
        let (record, key) = try await key()
        let credential = BasicCredential(userName: "alice", secret: Secret(key))
        #expect(source.principalIfKnown(credential) == nil)
        #expect(await says(source, key) == "alice")
        #expect(source.principalIfKnown(credential)?.userName == "alice")
        #expect(source.principalIfKnown(.init(userName: "mallory", secret: Secret(key))) == nil)
        #expect(directory.asked.load(ordering: .relaxed) == 1)
        _ = try await ring.revoke(.own(record.id, CredentialOwner(alice)), cause: .owner)
        #expect(source.principalIfKnown(credential) == nil)
    }

    @Test("A key does not outlive its owner")
    func owner() async throws {
        let source = source(interval: .zero)
        let (_, key) = try await key()
        #expect(await says(source, key) == "alice")
        for answer in [UserLookup.absent, .disabled(nil)] {
            directory.answer.withLock { $0 = answer }
            #expect(await says(source, key) == "owner-gone")
        }
        directory.answer.withLock { $0 = .found(alice) }
        #expect(await says(source, key) == "alice")
        let strangers = APIKeySource(ring: ring, owners: OwnerCheck(directories: []))
        #expect(await says(strangers, key) == "owner-gone", "a source that is configured no more vouches for nobody")
    }

    @Test("While the directory is away, its last word counts for the grace, and no longer")
    func grace() async throws {
        let (_, key) = try await key()
        let failure = SourceFailure(.unreachable, detail: "gone")
        let (patient, impatient) = (source(interval: .zero), source(interval: .zero, grace: .zero))
        #expect(await says(patient, key) == "alice")
        #expect(await says(impatient, key) == "alice")
        directory.answer.withLock { $0 = .unavailable(failure) }
        #expect(await says(patient, key) == "alice")
        #expect(await says(impatient, key) == "unavailable: unreachable")
        #expect(await says(source(), key) == "unavailable: unreachable", "nobody has vouched since the start")
    }

    /// A check that keeps what it hears in the store.
    private func keeping(grace: Duration = .seconds(3600)) -> OwnerCheck {
        OwnerCheck(directories: [directory], store: store, interval: .zero, grace: grace)
    }

    @Test("A login vouches for the owner, and the last word outlives the process for as long as the grace lasts")
    func vouching() async throws {
        let (_, key) = try await ring.create(
            owner: alice.authenticated(by: .apiKey(id: UUID(), scopes: [])), label: "", scopes: [], expirationDate: nil,
            userAgent: "")
        directory.answer.withLock { $0 = .unavailable(SourceFailure(.unreachable, detail: "gone")) }
        let first = keeping()
        let source = APIKeySource(ring: ring, owners: first)
        #expect(await says(source, key.text) == "unavailable: unreachable", "a key vouches for nobody")
        first.vouch(for: alice.authenticated(by: .apiKey(id: UUID(), scopes: [])))
        #expect(await says(source, key.text) == "unavailable: unreachable")
        first.vouch(for: alice)
        #expect(await says(source, key.text) == "alice")
        try await first.writeOwners()
        let second = APIKeySource(ring: ring, owners: keeping())
        #expect(await says(second, key.text) == "alice")
        let strict = APIKeySource(ring: ring, owners: keeping(grace: .milliseconds(1)))
        #expect(await says(strict, key.text) == "unavailable: unreachable", "an old word is no better for a restart")
        directory.answer.withLock { $0 = .absent }
        #expect(await says(second, key.text) == "owner-gone")
        directory.answer.withLock { $0 = .unavailable(SourceFailure(.unreachable, detail: "gone")) }
        let third = keeping()
        #expect(await says(APIKeySource(ring: ring, owners: third), key.text) == "alice", "not written yet")
    }

    @Test("That an owner is gone is remembered over a restart too")
    func goneForGood() async throws {
        let (_, key) = try await key()
        let check = keeping()
        directory.answer.withLock { $0 = .disabled(nil) }
        #expect(await says(APIKeySource(ring: ring, owners: check), key) == "owner-gone")
        try await check.writeOwners()
        directory.answer.withLock { $0 = .unavailable(SourceFailure(.unreachable, detail: "gone")) }
        #expect(await says(APIKeySource(ring: ring, owners: keeping()), key) == "owner-gone")
    }

    @Test("A name with spaces around it, or in another case, is the owner's for a directory and nobody's for a file")
    func spellings() async throws {
        let (_, key) = try await key()
        for name in ["ALICE", " alice", "alice  ", "ａｌｉｃｅ"] {
            #expect(await says(source(), key, user: name) == "alice", "\(name)")
        }
        let amy = Principal(userName: "amy", source: .htpasswd)
        let (_, other) = try await ring.create(
            owner: amy, label: "", scopes: [], expirationDate: nil, userAgent: "")
        for name in ["AMY", "amy "] {
            #expect(await says(source(), other.text, user: name) == "key-of-another-user", "\(name)")
        }
    }

    @Test("A key revoked while it is in use by many is known to nobody afterwards")
    func race() async throws {
        let source = source()
        for _ in 0..<20 {
            let (record, key) = try await key()
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 { group.addTask { _ = await says(source, key) } }
                group.addTask { _ = try? await ring.revoke(.own(record.id, CredentialOwner(alice)), cause: .owner) }
            }
            #expect(source.principalIfKnown(.init(userName: "alice", secret: Secret(key))) == nil)
            #expect(await says(source, key) == "key-revoked")
        }
    }
}
