/// Whether a source could judge a credential right now.
public enum SourceState: Sendable {
    /// It could.
    case ready
    /// It works on what it knew before (an htpasswd file that can't be read any more): the text says why.
    case degraded(String)
    /// It could not.
    case unavailable(SourceFailure)
}
