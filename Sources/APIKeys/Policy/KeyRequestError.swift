public import Credentials

/// Why a key was not made.
public enum KeyRequestError: Error, Sendable {
    /// The policy does not allow it.
    case policy(APIKeyPolicy.Rule)
    /// The store could not take it.
    case store(SourceFailure)
}
