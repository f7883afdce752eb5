import Credentials
import Foundation

/// A session that was used lately, with when: an object, so that finding it copies nothing and a use of it writes one number.
final class KnownSession: Sendable {
    let record: SessionRecord
    /// The session at the provider by which it began.
    let provider: ProviderSession?
    let uses = UseMark()
    private let admitted = Locked<Admission?>(nil)

    init(_ record: SessionRecord, _ provider: ProviderSession?) { (self.record, self.provider) = (record, provider) }

    /// What lets it in without a look at anything else; nil if that is not known.
    var admission: Admission? {
        get { admitted.withLock { $0 } }
        set { admitted.withLock { $0 = newValue } }
    }

    /// When it was last used, written or not.
    var lastUsed: Date { max(uses.latest ?? .distantPast, record.lastUsed) }
}

/// Lets a session in again as it was let in before, by a few numbers.
final class SessionRenewal: PrincipalRenewal {
    private let sessions: SessionManager
    private let session: KnownSession
    private let admission: Admission

    init(_ sessions: SessionManager, _ session: KnownSession, _ admission: Admission) {
        (self.sessions, self.session, self.admission) = (sessions, session, admission)
    }

    func renew(at now: ContinuousClock.Instant) -> Bool {
        // A later admission may be of other groups.
        guard sessions.isTrusted(at: now), session.admission === admission, admission.vouch.isGood(at: now),
            case let date = sessions.now,
            !sessions.isOver(session, at: date)
        else { return false }
        sessions.noteUse(of: session, at: date)
        return true
    }
}
