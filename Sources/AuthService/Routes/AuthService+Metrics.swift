import Credentials
import HTTPTypes

extension AuthService {
    /// The counters in the text format of Prometheus, version 0.0.4.
    func metrics() async -> AuthResponse {
        let judged = resolver.metrics.snapshot
        let families =
            [
                Metric(
                    "latchkey_credentials_total", help: "Credentials that were judged, by outcome.",
                    [
                        .init(Double(judged.authenticated), ("outcome", "authenticated")),
                        .init(Double(judged.refused), ("outcome", "refused")),
                        .init(Double(judged.unavailable), ("outcome", "unavailable")),
                        .init(Double(judged.throttled), ("outcome", "throttled")),
                    ]),
                Metric(
                    "latchkey_access_denied_total",
                    help: "Requests of people who are known, and may not do what they asked for.",
                    [.init(Double(counts.denied))]),
                Metric(
                    "latchkey_registry_tokens_total", help: "Tokens that were made for registries.",
                    [.init(Double(counts.tokensMade))]),
                Metric(
                    "latchkey_alerts_total", help: "What somebody should look at, by kind.",
                    [.init(Double(judged.alerts), ("kind", "account-failures"))]
                        + AuditAlert.kinds.map { kind in
                            .init(Double(counts.alerted[kind] ?? 0), ("kind", kind))
                        }),
                Metric(
                    "latchkey_verified_cache_hits_total", help: "Passwords that were answered from memory.",
                    [.init(Double(judged.cacheHits))]),
                Metric(
                    "latchkey_verified_cache_misses_total", help: "Passwords that had to be verified.",
                    [.init(Double(judged.cacheMisses))]),
                Metric(
                    "latchkey_shared_flights_total",
                    help: "Requests that waited for the same credential's work instead of doing it again.",
                    [.init(Double(judged.shared))]),
                Metric(
                    "latchkey_account_alerts_total",
                    help: "Accounts that reached the number of consecutive failures worth an alert.",
                    [.init(Double(judged.alerts))]),
            ] + moreMetrics()
        return AuthResponse(
            .ok, headers: [.contentType: "text/plain; version=0.0.4"], body: Array(families.map(\.text).joined().utf8))
    }
}
