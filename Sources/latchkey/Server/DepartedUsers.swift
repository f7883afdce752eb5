import APIKeys
import Credentials
import Htpasswd
import Logging

/// Ends the keys of those whom the htpasswd file has no more.
///
/// To the file a name is all that it knows of a person. If it gives the name to somebody else later, the keys of the first must not come to life again.
/// An administrator may restore them, where the line was taken out by mistake.
struct DepartedUsers: Sendable {
    let ring: APIKeyRing
    let decisions: DecisionLog
    let logger: Logger

    /// Ends the keys of whoever has left.
    /// - Parameter reload: who has.
    /// - Returns: false if the store could not take it: repeat it then.
    func end(_ reload: HtpasswdReload) async -> Bool {
        do throws(SourceFailure) {
            try await ring.endDeparted(from: .htpasswd) {
                reload.hasLeft($0)
            } noting: { name, keys in
                decisions.departed(name, keys: keys.map(\.id))
                logger.notice(
                    """
                    the htpasswd file has this user no more: their API keys have ended, also for whoever gets the name later; an administrator can \
                    restore them (latchkey apikey restore)
                    """, metadata: ["user": "\(name)", "keys": "\(keys.count)"])
            }
            return true
        } catch {
            logger.error(
                "the API keys of those who have left the htpasswd file could not be ended, and will be as soon as the store takes it: \(error)"
            )
            return false
        }
    }
}
