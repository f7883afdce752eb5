import Credentials
import Synchronization

/// How often somebody was told that they may not, and how often somebody should look.
final class AccessCounts: Sendable {
    private let denials = Atomic<Int>(0)
    private let tokens = Atomic<Int>(0)
    private let alerts = Locked<[String: Int]>([:])

    /// How often somebody was told who they are, and that they may not.
    var denied: Int { denials.load(ordering: .relaxed) }
    /// The alerts, by kind.
    var alerted: [String: Int] { alerts.withLock { $0 } }

    /// How many registry tokens were made.
    var tokensMade: Int { tokens.load(ordering: .relaxed) }

    func countToken() { tokens.add(1, ordering: .relaxed) }
    func countDenied() { denials.add(1, ordering: .relaxed) }
    func count(_ alert: AuditAlert) { alerts.withLock { $0[alert.kind, default: 0] += 1 } }
}

extension AuthService {
    /// Counts and records an alert.
    func alert(_ alert: AuditAlert, user: UserName?, _ request: AuthRequest) {
        counts.count(alert)
        record(.alert(alert), user: user, request)
    }
}
