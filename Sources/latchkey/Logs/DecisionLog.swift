import AuthService
import Credentials
import Foundation
import Logging

/// Writes each decision to the log, and those that matter later to the audit file.
struct DecisionLog: Sendable {
    let logger: Logger
    /// The audit file; nil for none.
    let audit: LineWriter?

    /// Takes a decision. Does not block.
    func record(_ event: AuditEvent) {
        let isAudited = audit != nil && event.action.isAudited
        guard isAudited || logger.logLevel <= .info else { return }
        let fields = Self.fields(event)
        if isAudited {
            let stamp = Timestamp.format(event.time)
            audit?.write(LogLine.json([("time", stamp), ("event", event.action.name)] + fields))
        }
        logger.info("\(event.action.name)", metadata: Dictionary(fields.map { ($0, .string($1)) }) { $1 })
    }

    /// Takes the alert that an account has failed many times in a row, over all networks.
    func alert(userName: String, failures: Int) {
        let fields = [("user", userName), ("failures", "\(failures)")]
        let stamp = Timestamp.format(.now)
        audit?.write(LogLine.json([("time", stamp), ("event", "alert")] + fields))
        logger.warning(
            "an account has failed many times in a row", metadata: ["user": "\(userName)", "failures": "\(failures)"])
    }

    private static func fields(_ event: AuditEvent) -> [(String, String)] {
        var fields = [("user", event.userName ?? "-"), ("client", event.client?.description ?? "local")]
        switch event.action {
        case .login(let principal):
            fields += [("source", principal.source.rawValue), ("method", principal.method.name)]
            if case .apiKey(let id, _) = principal.method { fields.append(("key", id.uuidString.lowercased())) }
        case .refusal(let reason): fields.append(("reason", reason.rawValue))
        case .unavailable(let failure): fields.append(("reason", failure.code.rawValue))
        case .throttled(let wait): fields.append(("wait", "\(wait.components.seconds)s"))
        case .keyCreated(let principal, let id), .keyRevoked(let principal, let id):
            fields += [
                ("source", principal.source.rawValue), ("method", principal.method.name),
                ("key", id.uuidString.lowercased()),
            ]
        }
        return fields + [("path", event.path), ("request", event.requestID)]
    }
}

extension AuditEvent.Action {
    /// A request without a credential is no attempt to log in: its challenge is not worth a line of the trail.
    fileprivate var isAudited: Bool {
        if case .refusal(.noCredential) = self { false } else { true }
    }
}
