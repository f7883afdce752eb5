import Credentials
import Logging

/// Says in the log what of `http.accessControl` is of no use: at the start, and once more where a reload has changed it. Who never runs `latchkey check` would
/// not hear of a pattern that can match nothing.
struct PolicyWarnings: Sendable {
    /// Whether a pattern lies within others is a search: nobody waits for it.
    private let lane = WorkLane(
        name: "warnings", threads: 1, maximumQueued: 4, priority: .leftover, idleTime: .seconds(1))

    /// Says it, some time later.
    /// - Parameters:
    ///   - configuration: what is in force now.
    ///   - previous: what was in force before; nil at the start.
    ///   - logger: where it is said.
    func tell(of configuration: Configuration, after previous: Configuration? = nil, _ logger: Logger) {
        let groups = ["accessControl", "openid", "bearer"]
        if let previous, groups.allSatisfy({ previous.fingerprints[$0] == configuration.fingerprints[$0] }) { return }
        Task {
            do throws(SourceFailure) {
                for warning in try await lane.run({ configuration.accessWarnings }) {
                    logger.warning("http.accessControl: \(warning)")
                }
            } catch {
                logger.warning("http.accessControl was not looked at for what is of no use: run latchkey check")
            }
        }
    }
}
