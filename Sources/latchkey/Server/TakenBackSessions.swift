import Credentials
import Foundation
import Logging
import Sessions

extension Assembly {
    /// Ends the sessions of providers and links that a new configuration has no more. Their next use would end them too; in lists they must not
    /// stand until then.
    /// - Parameters:
    ///   - configuration: what is in force now.
    ///   - logger: told of what has ended, and of what could not be.
    func endSessionsTakenBack(_ configuration: Configuration, _ logger: Logger) async {
        guard let store, let sessions, let owners else { return }
        let origins = SessionOrigins(configuration.openID, owners)
        do throws(SourceFailure) {
            var (last, count): (UUID?, Int) = (nil, 0)
            while case let page = try await store.sessionPage(after: last), let final = page.last {
                last = final.0.id
                for (session, _, provider) in page {
                    guard let provider,
                        case .takenBack = origins.word(
                            source: session.owner.source, identity: session.owner.identity, provider)
                    else { continue }
                    count += try await sessions.end(.one(session.id)).count
                }
            }
            guard count > 0 else { return }
            logger.notice(
                "\(count) session(s) have ended: the provider or the link by which they began is configured no more")
        } catch {
            logger.error(
                "sessions whose provider or link is configured no more could not be ended now, and end at their next use: \(error)"
            )
        }
    }
}
