import AuthService
import Foundation
import LDAPDirectory

/// What the parts of a running server have counted, as metrics.
enum ServerMetrics {
    /// How each server of the directory is doing.
    static func directory(_ servers: [DirectoryServerStatus]) -> [Metric] {
        guard !servers.isEmpty else { return [] }
        func family(
            _ name: String, _ help: String, _ kind: Metric.Kind = .counter, _ value: (DirectoryServerStatus) -> Double
        ) -> Metric {
            Metric(
                "latchkey_directory_\(name)", kind, help: help, servers.map { .init(value($0), ("server", $0.url)) })
        }
        let states = servers.flatMap { server in
            DirectoryServerStatus.State.allCases.map { state in
                Metric.Sample(server.state == state ? 1 : 0, ("server", server.url), ("state", state.rawValue))
            }
        }
        return [
            Metric("latchkey_directory_server_state", .gauge, help: "1 for the state that a server is in.", states),
            family("idle_connections", "Connections kept for the next request.", .gauge) { Double($0.idleConnections) },
            family("connections_total", "Connections that were made.") { Double($0.connections) },
            family("connection_failures_total", "Connections that could not be made, TLS included.") {
                Double($0.connectionFailures)
            },
            family("answers_total", "Searches and connections that a server answered.") { Double($0.answers) },
            family("answer_seconds_total", "The time that those took together.") { $0.answerSeconds },
            family("failures_total", "Times that a server failed to do something for us.") { Double($0.failures) },
        ]
    }

    /// Until when the certificate is good that clients are shown.
    static func certificate(_ expiry: Date?) -> [Metric] {
        guard let expiry else { return [] }
        return [
            Metric(
                "latchkey_tls_certificate_expiry_timestamp_seconds", .gauge,
                help: "When the certificate that clients are shown expires, in seconds since 1970.",
                [.init(expiry.timeIntervalSince1970.rounded())])
        ]
    }

    /// How many connections clients have, and what limits have cost.
    static func connections(_ register: ConnectionRegister) -> [Metric] {
        [
            Metric(
                "latchkey_connections", .gauge, help: "Connections of clients that are open.",
                [.init(Double(register.count))]),
            Metric(
                "latchkey_connections_refused_total",
                help: "Connections of clients that a limit has refused, by its key.",
                ConnectionRegister.Limit.allCases.map { .init(Double(register.refused($0)), ("limit", $0.rawValue)) }),
            Metric(
                "latchkey_connections_given_way_total",
                help: "Connections that waited for their client and were closed, as others came.",
                [.init(Double(register.madeRoom))]),
        ]
    }

    /// What came of reading the configuration again.
    static func reloads(_ status: ReloadStatus) -> [Metric] {
        [
            Metric(
                "latchkey_configuration_reloads_total", help: "Times that the configuration was read again, by result.",
                [
                    .init(Double(status.succeeded), ("result", "success")),
                    .init(Double(status.failed), ("result", "failure")),
                ]),
            Metric(
                "latchkey_configuration_current", .gauge,
                help: "1 if the configuration in force is the one that was set last; 0 if that one is broken.",
                [.init(status.isCurrent ? 1 : 0)]),
            Metric(
                "latchkey_configuration_last_success_timestamp_seconds", .gauge,
                help: "When the configuration in force was read, in seconds since 1970.",
                [.init(status.lastSuccess.timeIntervalSince1970.rounded())]),
        ]
    }

    /// What was lost of the log and of the audit trail.
    static func logs(_ writers: [LineWriter]) -> [Metric] {
        [
            Metric(
                "latchkey_log_lines_lost_total", help: "Lines that a full queue or a file that took none has cost.",
                writers.map { .init(Double($0.lost), ("file", $0.name)) })
        ]
    }
}
