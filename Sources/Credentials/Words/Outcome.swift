/// What the resolver makes of a credential.
public enum Outcome: Sendable {
    /// It is this person's.
    case authenticated(Principal)
    /// It is nobody's. The reason is for the log and the audit trail, never for the client.
    case refused(RefusalReason)
    /// Nobody vouched for it, and a source that might have known could not be asked (rule 3).
    case unavailable(SourceFailure)
    /// It came too soon after failures, and was not looked at. The next attempt makes sense after this time.
    case throttled(Duration)
}
