import Credentials
import Foundation
import Logging

/// How the log's lines look, and which there are. Safe to share: loggers look here for each line.
final class LogSettings: Sendable {
    private let current: Locked<Configuration.Log>

    init(_ log: Configuration.Log) { current = Locked(log) }

    var level: Logger.Level { current.withLock { $0.level } }

    /// Renders a line.
    func render(time: Date, level: String, message: String, fields: [(String, String)]) -> String {
        let (format, isForSyslog) = current.withLock { ($0.format, $0.syslog != nil) }
        return isForSyslog
            ? LogLine.syslog(format, time: time, level: level, message: message, fields: fields)
            : LogLine.render(format, time: time, level: level, message: message, fields: fields)
    }

    /// Has the lines look otherwise from now on.
    func replace(_ log: Configuration.Log) { current.withLock { $0 = log } }
}
