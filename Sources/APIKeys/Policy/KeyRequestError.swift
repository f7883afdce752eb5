public import Credentials
public import struct Foundation.Date

/// Why a key was not made.
public enum KeyRequestError: Error, Sendable {
    /// The policy does not allow it.
    case policy(APIKeyPolicy.Rule)
    /// The key by which somebody came who makes it ends sooner: at this time.
    case outlivesMaker(Date)
    /// The key by which somebody came who makes it is limited by scopes, or there is no such key any more.
    case limitedMaker
    /// The store could not take it.
    case store(SourceFailure)
}
