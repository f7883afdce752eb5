import PostgreSQLStorage
import APIKeys
import AuthService
import Credentials
import Foundation
import Htpasswd
import LDAPDirectory
import SQLiteStorage

/// What the parts of a running server have counted, as metrics.
enum ServerMetrics {
    /// All of them.
    /// - Parameters:
    ///   - assembly: the parts that are in force.
    ///   - state: what stays over all reloads.
    ///   - expiry: until when the certificate is good that clients are shown; nil for none.
    static func all(_ assembly: Assembly, _ state: ServerState, _ expiry: Date?) -> [Metric] {
        let lanes =
            [assembly.htpasswd?.laneStatus, assembly.directory?.laneStatus].compactMap { $0 }
            + (assembly.ring?.laneStatuses ?? [])
        return ProcessMetrics.all + directory(assembly.directory?.servers ?? [])
            + Self.lanes(lanes + (assembly.store?.lanes ?? []))
            + (assembly.store.map { store($0, state.keys) } ?? []) + logs(state.logs.writers)
            + reloads(state.reloads) + connections(state.connections) + certificate(expiry)
    }

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

    /// How much the threads have to do that may block.
    static func lanes(_ lanes: [LaneStatus]) -> [Metric] {
        [
            Metric(
                "latchkey_lane_queued", .gauge, help: "Pieces of work that wait for a thread.",
                lanes.map { .init(Double($0.queued), ("lane", $0.name)) }),
            Metric(
                "latchkey_lane_threads", .gauge, help: "Threads, with those that wait for work.",
                lanes.map { .init(Double($0.threads), ("lane", $0.name)) }),
            Metric(
                "latchkey_lane_wait_seconds", help: "How long work has waited for a thread.",
                histograms: lanes.map { ([("lane", $0.name)], $0.waits) }),
        ]
    }

    /// What the store of API keys has done, and what is in it.
    static func store(_ store: any NodeStore, _ counts: KeyCounts) -> [Metric] {
        let operations = StoreMetrics.Operation.allCases
        let (latencies, failures) = (store.metrics.latencies, store.metrics.failures)
        let keys = counts.latest.map { counts in
            Metric(
                "latchkey_api_keys", .gauge,
                help: "API keys by state, counted from time to time; those that the policy blocks are active here.",
                counts.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                    .init(Double($0.value), ("state", $0.key.rawValue))
                })
        }
        let sessions = counts.sessions.map { count in
            Metric(
                "latchkey_sessions", .gauge, help: "Sessions of browsers, counted from time to time.",
                [.init(Double(count))])
        }
        let trust = store.memoryTrust.map { trust in
            [
                Metric(
                    "latchkey_store_memory_trusted", .gauge,
                    help: "1 while what this node remembers of keys and sessions is relied on.",
                    [.init(trust.isGood(at: .now) ? 1 : 0)]),
                Metric(
                    "latchkey_store_listening", .gauge, help: "1 while this node hears what others do.",
                    [.init(trust.isHearing ? 1 : 0)]),
            ]
        }
        return [
            Metric(
                "latchkey_store_operation_duration_seconds",
                help: "How long the store of API keys took, waiting included.",
                histograms: operations.compactMap { operation in
                    latencies[operation].map { ([("operation", operation.rawValue)], $0) }
                }),
            Metric(
                "latchkey_store_failures_total", help: "Times that the store of API keys could not do something.",
                operations.map { .init(Double(failures[$0] ?? 0), ("operation", $0.rawValue)) }),
        ] + [keys, sessions].compactMap { $0 } + (trust ?? [])
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
