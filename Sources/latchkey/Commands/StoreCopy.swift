import APIKeys
import Credentials
import Foundation
import Sessions

/// Moves everything from one store to another one, and looks whether it is there.
struct StoreCopy {
    let source: any NodeStore
    let target: any NodeStore

    /// How much there was of each.
    struct Counts: Equatable {
        var keys = 0, owners = 0, sessions = 0, identities = 0

        var line: String {
            "\(keys) API key(s), \(owners) owner(s), \(sessions) session(s), \(identities) person(s) of providers"
        }
    }

    /// Copies. What the target has already stays as it is: a copy that was cut off is begun again.
    /// - Returns: how much was read.
    /// - Throws: `SourceFailure`.
    func copy() async throws -> Counts {
        let counts = try await walk(source) { keys, owners, sessions, identities in
            _ = try await target.add(keys)
            try await target.add(owners: owners, sessions: sessions, identities: identities)
        }
        try await eachCheckpoint { try await target.noteCheckpoint($0, replacing: false) }
        return counts
    }

    /// Looks for each of the source's in the target.
    /// - Returns: what differs, a line each.
    /// - Throws: `SourceFailure`.
    func differences() async throws -> [String] {
        let found = Locked<[String]>([])
        func tell(_ what: String) { found.withLock { $0.append(what) } }
        _ = try await walk(source) { keys, owners, sessions, identities in
            for (record, digest) in keys where try await target.record(of: digest) != record {
                tell("API key \(record.id.uuidString.lowercased())")
            }
            for owner in owners where try await target.record(of: owner.owner) != owner {
                tell("owner \(owner.owner.userName) of \(owner.owner.source)")
            }
            for (session, digest, _) in sessions where try await target.session(of: digest) != session {
                tell("session \(session.id.uuidString.lowercased())")
            }
            for person in identities
            where try await target.identityRecord(person.identity, of: person.source) != person {
                tell("person \(person.userName) of \(person.source)")
            }
        }
        try await eachCheckpoint { kept in
            guard let there = try await target.checkpoint(of: kept.file), there.number >= kept.number else {
                return tell("the end of the audit file \(kept.file)")
            }
        }
        return found.withLock { $0 }
    }

    /// Goes through where audit files end, as the source knows it.
    private func eachCheckpoint(_ visit: (AuditCheckpoint) async throws -> Void) async throws {
        var file: String?
        while case let page = try await source.checkpointPage(after: file), let last = page.last {
            for checkpoint in page { try await visit(checkpoint) }
            file = last.file
        }
    }

    private typealias Visitor = (
        [(APIKeyRecord, APIKeyDigest)], [OwnerRecord], [(SessionRecord, SessionDigest, ProviderSession?)],
        [IdentityRecord]
    ) async throws -> Void

    private func walk(_ store: any NodeStore, _ visit: Visitor) async throws -> Counts {
        var counts = Counts()
        // Owners first: keys are listed by what they are called.
        var owner: CredentialOwner?
        while case let page = try await store.ownerPage(after: owner), let last = page.last {
            try await visit([], page, [], [])
            (owner, counts.owners) = (last.owner, counts.owners + page.count)
        }
        var key: UUID?
        while case let page = try await store.keyPage(after: key), let last = page.last {
            try await visit(page, [], [], [])
            (key, counts.keys) = (last.0.id, counts.keys + page.count)
        }
        var session: UUID?
        while case let page = try await store.sessionPage(after: session), let last = page.last {
            try await visit([], [], page, [])
            (session, counts.sessions) = (last.0.id, counts.sessions + page.count)
        }
        var name: UserName?
        while case let page = try await store.identityPage(after: name), let last = page.last {
            try await visit([], [], [], page)
            (name, counts.identities) = (last.userName, counts.identities + page.count)
        }
        return counts
    }
}
