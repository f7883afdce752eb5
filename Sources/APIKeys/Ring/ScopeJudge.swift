import AccessControl
import Credentials

/// What is to be said of the scopes of keys: whether they lie within the policy's, and what is wrong with them.
///
/// That is a search through patterns that users have written. It is done once for each list of scopes, by one thread of its own, and remembered. Safe
/// to share.
final class ScopeJudge: Sendable {
    /// What was found out.
    struct Verdict: Sendable {
        /// Whether the policy allows them.
        var isAllowed: Bool
        /// What is wrong with them, by their places.
        var problems: [(place: Int, problem: String)]
    }

    /// How many verdicts are remembered: some 100 bytes each.
    private static let capacity = 65_536
    /// How many lists of scopes are judged before others have their turn.
    private static let atOnce = 4
    /// What the policy allows; nil for everything.
    private let allowed: KeyScopes?
    private let known = Locked(LRUCache<Bits256, Verdict>(capacity: ScopeJudge.capacity))
    private let lane = WorkLane(name: "scopes", threads: 1, maximumQueued: 1024)
    /// For scopes of keys that are yet to be made: whoever asks for one after the other that is refused holds up nobody who has a key.
    private let newLane = WorkLane(name: "new-scopes", threads: 1, maximumQueued: 256)
    private let deadline: Duration

    /// - Parameters:
    ///   - policy: what scopes must lie within.
    ///   - deadline: how long somebody waits at most. Sources of users wait no longer for anything else.
    init(_ policy: APIKeyPolicy, deadline: Duration = .seconds(10)) {
        self.deadline = deadline
        let allowed = KeyScopes(policy.allowedScopes)
        self.allowed = allowed.isUnlimited ? nil : allowed
    }

    /// How much its threads have to do.
    var laneStatuses: [LaneStatus] { [lane.status, newLane.status] }

    /// Whether the policy allows scopes.
    /// - Throws: `SourceFailure` if too many wait already.
    func isAllowed(_ scopes: [Scope], isNew: Bool = false) async throws(SourceFailure) -> Bool {
        guard allowed != nil else { return true }
        return try await verdicts(on: [scopes], isNew: isNew)[0].isAllowed
    }

    /// Why no key can be made with some scopes, whatever the policy is.
    func problem(ofNew scopes: [Scope]) async throws(SourceFailure) -> String? {
        guard !scopes.isEmpty else { return nil }
        return try await newLane.run(deadline: deadline) {
            do throws(ScopeProblem) {
                try ScopeLimits.check(scopes)
                return nil
            } catch {
                return "\(error)"
            }
        }
    }

    /// Judges the scopes of some keys.
    /// - Returns: a verdict on each, in their order.
    /// - Throws: `SourceFailure` if too many wait already.
    func verdicts(on lists: [[Scope]], isNew: Bool = false) async throws(SourceFailure) -> [Verdict] {
        let names = lists.map { Self.name(of: $0) }
        var verdicts = zip(lists, names).map { scopes, name -> Verdict? in
            scopes.isEmpty ? Verdict(isAllowed: allowed == nil, problems: []) : known.withLock { $0[name] }
        }
        let missing = verdicts.indices.filter { verdicts[$0] == nil }
        for start in stride(from: 0, to: missing.count, by: Self.atOnce) {
            let places = missing[start..<min(start + Self.atOnce, missing.count)]
            let found = try await (isNew ? newLane : lane).run(deadline: deadline) { [allowed] in
                places.map { Self.judge(lists[$0], allowed) }
            }
            for (place, verdict) in zip(places, found) {
                known.withLock { $0[names[place]] = verdict }
                verdicts[place] = verdict
            }
        }
        return verdicts.compactMap(\.self)
    }

    private static func judge(_ scopes: [Scope], _ allowed: KeyScopes?) -> Verdict {
        let own = KeyScopes(scopes)
        let problems = own.problems.compactMap { one in
            scopes.firstIndex(of: one.scope).map { (place: $0, problem: "\(one.problem)") }
        }
        return Verdict(isAllowed: allowed.map { own.areWithin($0) } ?? true, problems: problems)
    }

    /// What a list of scopes is remembered by.
    private static func name(of scopes: [Scope]) -> Bits256 {
        var bytes: [UInt8] = []
        for scope in scopes {
            // No text has a byte of 0xFF.
            bytes += scope.text.utf8
            bytes.append(0xFF)
        }
        return .sha256(of: bytes)
    }
}
