import Credentials

/// Lets a key in again as it was let in before, by a few numbers: whether its owner's source stands by its word, and whether the key still works.
final class KeyRenewal: PrincipalRenewal {
    private let ring: APIKeyRing
    private let key: KnownKey
    private let admission: Admission

    /// - Parameters:
    ///   - ring: where the key is from.
    ///   - key: the key.
    ///   - admission: what let it in.
    init(_ ring: APIKeyRing, _ key: KnownKey, _ admission: Admission) {
        self.ring = ring
        self.key = key
        self.admission = admission
    }

    func renew(at now: ContinuousClock.Instant) -> Bool {
        // A later admission may be of other groups.
        guard ring.isTrusted(at: now), key.admission === admission, admission.vouch.isGood(at: now),
            case let date = ring.now,
            ring.refusal(of: key, at: date) == nil
        else { return false }
        ring.noteUse(of: key, at: date)
        return true
    }
}
