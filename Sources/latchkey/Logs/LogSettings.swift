import Credentials
import Logging

/// How the log's lines look, and which there are. Safe to share: loggers look here for each line.
final class LogSettings: Sendable {
    private let current: Locked<Configuration.Log>

    init(_ log: Configuration.Log) { current = Locked(log) }

    var level: Logger.Level { current.withLock { $0.level } }
    var format: Configuration.Log.Format { current.withLock { $0.format } }

    /// Has the lines look otherwise from now on.
    func replace(_ log: Configuration.Log) { current.withLock { $0 = log } }
}
