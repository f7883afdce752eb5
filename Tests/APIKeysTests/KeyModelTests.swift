import AccessControl
import Credentials
import Foundation
import SQLiteStorage
import TestSupport
import Testing

@testable import APIKeys

/// A plain picture of what keys should do: a list in memory, and nothing else.
private struct KeyModel {
    struct Key {
        var id: UUID
        var text: String
        var person: String
        var label: String
        var created: Double
        var ends: Double?
        var family: UUID
        var rotatedUntil: Double?
        var wasRotated = false
        var isRevoked = false
        var lastUsed: Double?
    }

    var keys: [Key] = []
    var now = 0.0
    var people: Set<String> = []
    var maxLifetime: Double?
    var maxPerUser: Int?
    var requireLabel = false
    var unusedLifetime: Double?

    func isOver(_ key: Key) -> Bool { [key.ends, key.rotatedUntil].compactMap(\.self).contains { $0 <= now } }

    func alive(of person: String) -> Int { keys.count { $0.person == person && !$0.isRevoked && !isOver($0) } }

    func isBlocked(_ key: Key) -> Bool {
        if let unusedLifetime, now - (key.lastUsed ?? key.created) > unusedLifetime { return true }
        if let maxLifetime, key.ends.map({ $0 - key.created > maxLifetime + 1 }) ?? true { return true }
        return requireLabel && key.label.isEmpty
    }

    func state(_ key: Key) -> String {
        key.isRevoked ? "revoked" : isOver(key) ? "expired" : isBlocked(key) ? "blocked" : "active"
    }

    func says(_ key: Key, as name: String) -> String {
        if name != key.person {
            return "key-of-another-user"
        }
        if key.isRevoked { return "key-revoked" }
        if isOver(key) { return key.rotatedUntil.map { $0 <= now } ?? false ? "key-rotated" : "key-expired" }
        if isBlocked(key) { return "key-blocked" }
        return people.contains(key.person) ? key.person : "owner-gone"
    }
}

@Suite("Keys against a model in memory")
struct KeyModelTests {
    private static let start = Date(timeIntervalSince1970: 1_800_000_000)
    private static let names = ["ann", "bob", "cy"]

    /// One run: a store, and rings that come and go before it.
    private final class Run {
        var random: Seeded
        var model = KeyModel()
        let people = People()
        let folder: TemporaryFolder
        let time = Locked(KeyModelTests.start)
        var store: SQLiteStore
        var ring: APIKeyRing
        var source: APIKeySource
        var log: [String] = []
        var counts: [String: Int] = [:]

        init(_ random: Seeded) throws {
            self.random = random
            folder = try TemporaryFolder()
            store = try SQLiteStore(folder: folder.url("data"))
            ring = APIKeyRing(store: store)
            source = APIKeySource(ring: ring, owners: OwnerCheck(directories: []))
            for name in KeyModelTests.names { setPerson(name, true) }
            openRing()
        }

        func setPerson(_ name: String, _ isThere: Bool) {
            if isThere { model.people.insert(name) } else { model.people.remove(name) }
            people.set("id:\(name)", isThere ? UserName(name) : nil)
        }

        func openRing() {
            var options = APIKeyRing.Options()
            options.clock = { [time] in time.withLock { $0 } }
            options.tombstones = .seconds(1e9)
            // Small, so that keys are forgotten and read again.
            options.capacity = 16
            options.policy.maxLifetime = model.maxLifetime.map { .seconds($0) }
            options.policy.maxPerUser = model.maxPerUser
            options.policy.requireLabel = model.requireLabel
            options.policy.unusedLifetime = model.unusedLifetime.map { .seconds($0) }
            ring = APIKeyRing(store: store, options: options)
            source = APIKeySource(ring: ring, owners: OwnerCheck(directories: [people], store: store, interval: .zero))
        }

        func owner(_ name: String) -> Principal {
            Principal(userName: UserName(name), source: .ldap, identity: "id:\(name)")
        }

        func pick() -> Int? { model.keys.indices.suffix(40).randomElement(using: &random) }

        /// Two things that should be the same.
        func expect(_ real: String, _ expected: String, _ step: String) throws {
            log.append("\(step): \(real)")
            counts[expected, default: 0] += 1
            guard real == expected else {
                throw NeverHappened(description: "\(step) is \(real), not \(expected), after \(log.suffix(20))")
            }
        }

        func step() async throws {
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<20: try await create()
            case 20..<55: try await use()
            case 55..<65: try await revoke()
            case 65..<75: try await rotate()
            case 75..<83: try await list()
            case 83..<93:
                model.now += [1, 60, 3600, 86_400].randomElement(using: &random) ?? 1
                time.withLock { $0 = KeyModelTests.start.addingTimeInterval(model.now) }
            case 93..<95:
                let name = KeyModelTests.names.randomElement(using: &random) ?? ""
                setPerson(name, Bool.random(using: &random))
            case 95..<97: try await ring.writeUses(isLast: true)
            default: try await restart()
            }
        }

        private func create() async throws {
            let name = KeyModelTests.names.randomElement(using: &random) ?? ""
            let label = Bool.random(using: &random) ? "" : "x"
            let lifetime = ([nil, 30, 7200, 864_000] as [Double?]).randomElement(using: &random) ?? nil
            let alive = model.alive(of: name)
            var expected = "made"
            let probe = KeyModel.Key(
                id: UUID(), text: "", person: name, label: label, created: model.now,
                ends: lifetime.map { model.now + $0 },
                family: UUID())
            if model.isBlocked(probe) {
                expected = "refused"
            } else if let most = model.maxPerUser, alive >= most {
                expected = "full"
            }
            do {
                let (record, key) = try await ring.create(
                    owner: owner(name), label: label, scopes: [],
                    expirationDate: lifetime.map { ring.now.addingTimeInterval($0) },
                    userAgent: "")
                try expect("made", expected, "create for \(name)")
                var made = probe
                (made.id, made.text, made.family) = (record.id, key.text, record.family)
                model.keys.append(made)
            } catch KeyRequestError.policy(let rule) {
                try expect(rule == .maxPerUser ? "full" : "refused", expected, "create for \(name)")
            }
        }

        private func use() async throws {
            guard let index = pick() else { return }
            let name = Int.random(in: 0..<10, using: &random) == 0 ? "mallory" : model.keys[index].person
            let credential = BasicCredential(userName: UserName(name), secret: Secret(model.keys[index].text))
            let expected = model.says(model.keys[index], as: name)
            if let known = source.principalIfKnown(credential) {
                try expect(known.userName.text, expected, "use at once")
                model.keys[index].lastUsed = model.now
            }
            let real: String =
                switch await source.judge(credential) {
                case .authenticated(let principal): principal.userName.text
                case .rejected(let reason, _): reason.rawValue
                case .unknownUser: "unknown"
                case .unavailable: "unavailable"
                }
            try expect(real, expected, "use")
            if real == model.keys[index].person { model.keys[index].lastUsed = model.now }
        }

        private func revoke() async throws {
            guard let index = pick() else { return }
            let key = model.keys[index]
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                _ = try await ring.revoke(leaked: Secret(key.text))
                model.keys[index].isRevoked = true
                // Whoever had it may have rotated it.
                for other in model.keys.indices where key.wasRotated && model.keys[other].family == key.family {
                    model.keys[other].isRevoked = true
                }
            case 1:
                let stranger = KeyModelTests.names.first { $0 != key.person } ?? ""
                let revoked = try await ring.revoke(.own(key.id, CredentialOwner(owner(stranger))), cause: .owner)
                try expect("\(revoked.count)", "0", "revoke another's")
            case 2 where Int.random(in: 0..<10, using: &random) == 0:
                _ = try await ring.revoke(.named(UserName(key.person)), cause: .administrator)
                for other in model.keys.indices where model.keys[other].person == key.person {
                    model.keys[other].isRevoked = true
                }
            default:
                let revoked = try await ring.revoke(.own(key.id, CredentialOwner(owner(key.person))), cause: .owner)
                try expect("\(revoked.count)", "1", "revoke")
                model.keys[index].isRevoked = true
            }
        }

        private func rotate() async throws {
            guard let index = pick() else { return }
            let key = model.keys[index]
            let overlap: Double = [0.0, 60.0, 86_400.0].randomElement(using: &random) ?? 0
            var expected = "done"
            // Both count while both work.
            let isFull = overlap > 0 && model.maxPerUser.map { model.alive(of: key.person) >= $0 } ?? false
            if key.wasRotated || key.isRevoked {
                expected = "reused"
            } else if model.isOver(key) {
                expected = "expired"
            } else {
                var successor = key
                (successor.created, successor.lastUsed) = (model.now, nil)
                successor.ends = key.ends.map { (end: Double) in model.now + end - key.created }
                if model.isBlocked(successor) || isFull { expected = "forbidden" }
            }
            switch try await ring.rotate(
                .own(key.id, CredentialOwner(owner(key.person))), overlap: .seconds(overlap), userAgent: "")
            {
            case .done(let record, let new):
                try expect("done", expected, "rotate")
                model.keys[index].wasRotated = true
                model.keys[index].rotatedUntil = model.now + overlap
                model.keys.append(
                    .init(
                        id: record.id, text: new.text, person: key.person, label: key.label, created: model.now,
                        ends: key.ends.map { (end: Double) in model.now + end - key.created }, family: key.family))
            case .reused:
                try expect("reused", expected, "rotate")
                for other in model.keys.indices where model.keys[other].family == key.family {
                    model.keys[other].isRevoked = true
                }
            case .expired: try expect("expired", expected, "rotate")
            case .forbidden: try expect("forbidden", expected, "rotate")
            case .unknown: try expect("unknown", expected, "rotate")
            }
        }

        private func list() async throws {
            let name = KeyModelTests.names.randomElement(using: &random) ?? ""
            let records = try await ring.records(.all(CredentialOwner(owner(name))))
            let real = try await ring.judge(records, at: ring.now).map { key in
                "\(key.record.id) \(key.state.rawValue) \(key.record.lastUse.map { Int($0.date.timeIntervalSince(KeyModelTests.start)) } ?? -1)"
            }
            let expected = model.keys.filter { $0.person == name }.map { key in
                "\(key.id) \(model.state(key)) \(key.lastUsed.map { Int($0) } ?? -1)"
            }
            guard Set(real) == Set(expected), real.count == expected.count else {
                let odd = Set(real).symmetricDifference(expected)
                throw NeverHappened(description: "the list of \(name) differs in \(odd), after \(log.suffix(20))")
            }
            counts["listed", default: 0] += 1
        }

        /// The process ends in order, and comes back, perhaps with another policy.
        private func restart() async throws {
            try await ring.writeUses(isLast: true)
            if Int.random(in: 0..<10, using: &random) == 0 {
                try store.close()
                store = try SQLiteStore(folder: folder.url("data"))
            }
            if Bool.random(using: &random) {
                model.maxLifetime = ([nil, nil, 3600, 1e6] as [Double?]).randomElement(using: &random) ?? nil
                model.maxPerUser = ([nil, 5, 50] as [Int?]).randomElement(using: &random) ?? nil
                model.requireLabel = Int.random(in: 0..<4, using: &random) == 0
                model.unusedLifetime = ([nil, nil, 7200] as [Double?]).randomElement(using: &random) ?? nil
            }
            openRing()
        }
    }

    @Test("A hundred thousand random steps come to what a list in memory says, over restarts, policies and time")
    func agreement() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Each with a store of its own: lists stay short.
            for (number, seed) in Seeded.announced().split(50).enumerated() {
                // A few at a time, and after other tests: those must not wait for these.
                if number >= 3 { try await group.next() }
                group.addTask(priority: .background) {
                    let run = try Run(seed)
                    for _ in 0..<2000 { try await run.step() }
                    for outcome in ["made", "key-revoked", "done", "reused", "listed"] {
                        #expect(run.counts[outcome, default: 0] > 0, "\(outcome) \(run.counts)")
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
