import AuthService
import Credentials
import Foundation
import Logging

/// Writes each decision to the log, at level info, and those that matter later to the audit file.
///
/// A decision is written for every request: its line goes straight to the log's writer, in its own order of fields, not
/// by way of a logger's dictionary.
struct DecisionLog: Sendable {
    /// For alerts.
    let logger: Logger
    /// The log; nil if its level leaves decisions out.
    let log: LineWriter?
    let settings: LogSettings
    /// The audit file; nil for none.
    let audit: LineWriter?

    /// Where a service should send its decisions; nil if nobody wants them.
    var sink: AuditSink? {
        guard log != nil || audit != nil else { return nil }
        return { record($0) }
    }

    /// Takes a decision. Does not block.
    private func record(_ event: AuditEvent) {
        let fields = Self.fields(event)
        if let audit, event.action.isAudited {
            let stamp = Timestamp.format(event.time)
            audit.write(LogLine.json([("time", stamp), ("event", event.action.name)] + fields))
        }
        log?.write(
            settings.render(time: event.time, level: "info", message: event.action.name, fields: fields))
    }

    /// Takes the alert that an account has failed many times in a row, over all networks.
    func alert(userName: UserName, failures: Int) {
        let fields = [("user", Self.text(userName)), ("failures", "\(failures)")]
        let stamp = Timestamp.format(.now)
        audit?.write(LogLine.json([("time", stamp), ("event", "alert"), ("alert", "account-failures")] + fields))
        logger.warning(
            "an account has failed many times in a row",
            metadata: ["user": "\(Self.text(userName))", "failures": "\(failures)"])
    }

    /// Takes it that keys have ended because a file had their owner no more.
    func departed(_ userName: UserName, keys: [UUID]) {
        let fields = [
            ("user", Self.text(userName)), ("keys", keys.map { $0.uuidString.lowercased() }.joined(separator: " ")),
        ]
        audit?.write(LogLine.json([("time", Timestamp.format(.now)), ("event", "owner-departed")] + fields))
    }

    private static func fields(_ event: AuditEvent) -> [(String, String)] {
        var fields = [
            ("user", event.userName.map { text($0) } ?? "-"), ("client", event.client?.description ?? "local"),
        ]
        switch event.action {
        case .login(let principal):
            fields += [("source", principal.source.rawValue), ("method", principal.method.name)]
            switch principal.method {
            case .apiKey(let id, _): fields.append(("key", id.uuidString.lowercased()))
            case .session(let id): fields.append(("session", id.uuidString.lowercased()))
            case .password, .certificate, .identityProvider, .token: break
            }
        case .refusal(let reason): fields.append(("reason", reason.rawValue))
        case .denied(let principal, let reason):
            if case .apiKey(let id, _)? = principal?.method { fields.append(("key", id.uuidString.lowercased())) }
            fields.append(("reason", reason))
        case .unavailable(let failure): fields += [("reason", failure.code.rawValue), ("detail", failure.detail)]
        case .throttled(let wait): fields.append(("wait", "\(wait.components.seconds)s"))
        case .keyCreated(let principal, let id, let owner), .keyRevoked(let principal, let id, let owner):
            fields += keyFields(principal, id)
            if let owner { fields.append(("owner", text(owner))) }
        case .keyRestored(let principal, let id, let owner):
            fields += keyFields(principal, id) + [("owner", text(owner))]
        case .keyRotated(let principal, let id, let successor):
            fields += keyFields(principal, id) + [("successor", successor.uuidString.lowercased())]
        case .keyReported(let id, let owner): fields += [("key", id.uuidString.lowercased()), ("owner", text(owner))]
        case .sessionBegun(let principal, let id):
            fields += [
                ("source", principal.source.rawValue), ("method", principal.method.name),
                ("session", id.uuidString.lowercased()),
            ]
        case .loginFailed(let provider, let reason), .loginIncomplete(let provider, let reason):
            fields += [("provider", provider), ("reason", reason)]
        case .providerLogout(let provider, let sessions, let keys):
            let names = { (ids: [UUID]) in ids.map { $0.uuidString.lowercased() }.joined(separator: " ") }
            fields += [("provider", provider), ("sessions", names(sessions)), ("keys", names(keys))]
        case .sessionEnded(let id, let owner):
            fields.append(("session", id.uuidString.lowercased()))
            if let owner { fields.append(("owner", text(owner))) }
        case .alert(let alert):
            fields.append(("alert", alert.kind))
            switch alert {
            case .keyReuse(let family, let revoked):
                fields += [("family", family.uuidString.lowercased()), ("revoked", "\(revoked)")]
            case .keyFromManyNetworks(let id, let networks):
                fields += [("key", id.uuidString.lowercased()), ("networks", "\(networks)")]
            case .administrator(let action, let owner): fields += [("action", action), ("owner", text(owner))]
            }
        case .groupsLeftOut(_, let count): fields.append(("groups", "\(count)"))
        case .forgotten: break
        }
        return fields + [("path", event.path), ("request", event.requestID)]
    }

    /// A name as it may be written. Some put their key into the field for it, where it would lie in the clear for whoever reads the log.
    private static func text(_ name: UserName) -> String { MaskedKey.text(name.text) }

    private static func keyFields(_ principal: Principal, _ id: UUID) -> [(String, String)] {
        [
            ("source", principal.source.rawValue), ("method", principal.method.name),
            ("key", id.uuidString.lowercased()),
        ]
    }
}

extension AuditEvent.Action {
    /// A request without a credential is no attempt to log in: its challenge is not worth a line of the trail.
    fileprivate var isAudited: Bool {
        switch self {
        case .refusal(.noCredential), .groupsLeftOut: false
        default: true
        }
    }
}
