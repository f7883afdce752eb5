/// What one source says of one credential.
public enum Verdict: Sendable {
    /// The credential is this person's.
    case authenticated(Principal)
    /// The source knows the user, and the credential is not theirs or may not be used. `of` is the user's canonical name,
    /// where the source has found out: failures are counted by it, however the name was typed.
    case rejected(RefusalReason, of: UserName? = nil)
    /// The source has no such user.
    case unknownUser
    /// The source could not look. This says nothing about the credential.
    case unavailable(SourceFailure)
}
