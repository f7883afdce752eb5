import Credentials
import Foundation
import Logging

/// Where a running server writes: the log, and the audit file if there is one.
struct ServerLogs: Sendable {
    let log: LineWriter
    let audit: LineWriter?
    /// How the log's lines look, and which there are; may change while the server runs.
    let settings: LogSettings
    let logger: Logger

    /// Opens the files.
    /// - Throws: ``ConfigurationError`` if one can't be written, if another server writes to the audit file, or if both are one file.
    init(_ log: Configuration.Log) throws(ConfigurationError) {
        let writer =
            if let socket = log.syslog {
                LineWriter(syslog: socket)
            } else if let path = log.output {
                try LineWriter(path: path)
            } else {
                LineWriter(descriptor: STDERR_FILENO, name: "standard error")
            }
        if let output = log.output, let path = log.audit, let one = FileSignature(path: output),
            let other = FileSignature(path: path), one.isSameFile(as: other)
        {
            // Lines of the log would stand between those of the chain.
            throw ConfigurationError(
                place: path, message: "log.output and log.audit are the same file: give each its own")
        }
        self.log = writer
        audit =
            if let path = log.audit {
                try LineWriter(
                    auditFile: path,
                    signer: try log.auditKey.map { (path) throws(ConfigurationError) in try AuditSigner(path: path) }
                ) { count in
                    LogLine.json([("time", Timestamp.format(.now)), ("event", "lines-lost"), ("count", "\(count)")])
                }
            } else {
                nil
            }
        let settings = LogSettings(log)
        self.settings = settings
        logger = Logger(label: "latchkey") { _ in LineLogHandler(writer: writer, settings: settings) }
    }

    /// All of them.
    var writers: [LineWriter] { [log, audit].compactMap { $0 } }

    /// Writes that the server has started, and of which version; and what is wrong with the end of the audit file.
    func begin() {
        guard let audit else { return }
        audit.write(
            LogLine.json([("time", Timestamp.format(.now)), ("event", "started"), ("version", Version.current)]))
        if let notice = audit.opening?.notice { logger.warning("\(notice)") }
        if let finding = audit.opening?.finding { tell(finding, audit) }
        audit.write(AuditChain.checkpoint)
    }

    /// Tells of something wrong with the end of the audit file, in the log and in the file itself.
    func tell(_ finding: AuditFinding, _ audit: LineWriter) {
        logger.error("\(finding.message(audit.name))")
        audit.write(finding.line(at: .now))
    }

    /// Ends the audit file: writes that the server stops, has that signed, and lets go of the file. Nothing comes behind that.
    func endAudit() async { await audit?.finish(after: lastLines) }

    /// Ends all. No line may follow. Blocks.
    func end() {
        audit?.close(after: lastLines)
        log.close()
    }

    private var lastLines: [String] {
        [LogLine.json([("time", Timestamp.format(.now)), ("event", "stopped")]), AuditChain.checkpoint]
    }
}
