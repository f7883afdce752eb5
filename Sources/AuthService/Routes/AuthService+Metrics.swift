import Credentials
import HTTPTypes

extension AuthService {
    /// The counters in the text format of Prometheus, version 0.0.4, or in that of OpenMetrics 1.0 for who asks for it.
    func metrics(_ request: AuthRequest) async -> AuthResponse {
        let isOpenMetrics = request.fields.values(of: "accept").contains { $0.contains("application/openmetrics-text") }
        let families = judgements + answers + moreMetrics()
        let text = families.map { $0.text(isOpenMetrics: isOpenMetrics) }.joined() + (isOpenMetrics ? "# EOF\n" : "")
        let type =
            isOpenMetrics
            ? "application/openmetrics-text; version=1.0.0; charset=utf-8" : "text/plain; version=0.0.4; charset=utf-8"
        return AuthResponse(.ok, headers: [.contentType: type, .vary: "Accept"], body: Array(text.utf8))
    }

    /// How requests were answered.
    private var answers: [Metric] {
        let rows = requests.all.filter { $0.row.latency.count > 0 }
        let statuses = rows.flatMap { route, row in
            row.statuses.sorted { $0.status < $1.status }.map { status, count in
                Metric.Sample(Double(count), ("route", route), ("status", "\(status)"))
            }
        }
        return [
            Metric("latchkey_http_requests_total", help: "Requests that were answered, by route and status.", statuses),
            Metric(
                "latchkey_http_request_duration_seconds",
                help: "From when a request has come until its answer goes out; a refusal is held back for failDelay.",
                histograms: rows.map { ([("route", $0.route)], $0.row.latency) }),
        ]
    }

    /// What was said of credentials and people.
    private var judgements: [Metric] {
        let judged = resolver.metrics.snapshot
        let verdicts = resolver.metrics.verdicts.sorted {
            ($0.key.source, $0.key.verdict, $0.key.reason) < ($1.key.source, $1.key.verdict, $1.key.reason)
        }
        return [
            Metric(
                "latchkey_verdicts_total",
                help: "What sources said of credentials, by source, verdict and reason; what memory answers asks none.",
                verdicts.map { key, count in
                    .init(Double(count), ("source", key.source), ("verdict", key.verdict), ("reason", key.reason))
                }),
            Metric(
                "latchkey_refusals_total", help: "Credentials that were refused, by reason.",
                resolver.metrics.refusalReasons.sorted { $0.key < $1.key }.map {
                    .init(Double($0.value), ("reason", $0.key))
                }),
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
        ]
    }
}
