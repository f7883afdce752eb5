import APIKeys
import Credentials
import Foundation
import Sessions

/// Keys and sessions as the account page shows them.
enum AccountView {
    /// What happened, or did not, in the words of a language.
    static func tell(_ told: [String: String], _ words: [String: String], _ values: inout [String: Any]) {
        for name in ["notice", "problem"] {
            if let word = told[name] { values[name] = words["\(name).\(word)"] ?? words[word] ?? word }
        }
    }

    /// The keys of somebody, newest first.
    static func show(
        _ keys: [JudgedKey], _ words: [String: String], _ values: inout [String: Any]
    ) {
        values["hasKeys"] = true
        values["hasAnyKey"] = !keys.isEmpty
        values["keys"] = keys.reversed().map { row($0, words) }
    }

    /// The sessions of somebody, and when the one ends by which the page was asked for.
    static func show(
        _ found: [SessionRecord], _ sessions: BrowserSessions, current principal: Principal,
        _ values: inout [String: Any]
    ) {
        var current: UUID?
        if case .session(let id) = principal.method { current = id }
        values["sessions"] = found.map { row($0, current: current) }
        values["hasAnySession"] = !found.isEmpty
        guard let own = found.first(where: { $0.id == current }) else { return }
        let options = sessions.manager.options
        let end = min(own.end, own.createdAt.addingTimeInterval(options.lifetime / .seconds(1)))
        values["sessionEnd"] = "\(Int(end.timeIntervalSince1970))"
        values["sessionIdle"] = "\(options.idle.components.seconds)"
        values["sessionEndText"] = time(end)
    }

    /// A key as a row of its table.
    static func row(_ judged: JudgedKey, _ words: [String: String]) -> [String: Any] {
        let (key, state, rule) = (judged.record, judged.state, judged.rule)
        let isActive = state == .active && key.rotation == nil
        var use = words["never"] ?? ""
        if let last = key.lastUse {
            use = [time(last.date), last.client, last.userAgent].compactMap { $0 }.joined(separator: ", ")
        }
        var shown = words["state.\(state.rawValue)"] ?? state.rawValue
        if let rule { shown += " (\(rule.rawValue))" }
        let name = key.serviceAccount.map { "[\($0)] \(key.label)" } ?? key.label
        return [
            "id": key.id.uuidString.lowercased(), "label": name.isEmpty ? words["unnamed"] ?? "" : name,
            "access": key.scopes.isEmpty ? words["everything"] ?? "" : key.scopes.map(\.text).joined(separator: ", "),
            "created": time(key.createdAt), "used": use, "expires": key.end.map(time) ?? words["never"] ?? "",
            "state": shown, "canRotate": isActive, "canRevoke": state == .active || state == .blocked,
        ]
    }

    /// A session as a row of its table.
    static func row(_ session: SessionRecord, current: UUID?) -> [String: Any] {
        [
            "id": session.id.uuidString.lowercased(), "begun": time(session.createdAt), "used": time(session.lastUsed),
            "from": [session.client, session.userAgent].compactMap { $0 }.joined(separator: ", "),
            "isCurrent": session.id == current,
        ]
    }

    /// How long keys may be asked to live, under a policy: what it forbids is not offered.
    static func lifetimes(_ policy: APIKeyPolicy, _ words: [String: String]) -> [[String: Any]] {
        let longest = policy.maxLifetime.map { Int($0 / .seconds(86_400)) }
        let days = [7, 30, 90, 365].filter { $0 <= longest ?? .max }
        let offered = days.isEmpty ? [max(1, longest ?? 1)] : days
        var options: [[String: Any]] = offered.map { count in
            [
                "value": "\(count)", "text": "\(count) \(words["days"] ?? "")",
                "isUsual": count == (offered.contains(30) ? 30 : offered[0]),
            ]
        }
        if policy.maxLifetime == nil, !policy.requireExpiry {
            options.append(["value": "never", "text": words["never"] ?? "", "isUsual": false])
        }
        return options
    }

    /// A time to the minute, in UTC.
    private static func time(_ date: Date) -> String {
        RFC3339.format(date).prefix(16).replacing("T", with: " ") + " UTC"
    }
}
