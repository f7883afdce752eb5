import Credentials
import HTTPTypes

extension AuthService {
    /// The counters in the text format of Prometheus, version 0.0.4.
    func metrics() -> AuthResponse {
        let counters = resolver.metrics.snapshot
        let outcomes = [
            ("authenticated", counters.authenticated), ("refused", counters.refused),
            ("unavailable", counters.unavailable), ("throttled", counters.throttled),
        ]
        var text = "# TYPE latchkey_credentials_total counter\n"
        for (outcome, count) in outcomes { text += "latchkey_credentials_total{outcome=\"\(outcome)\"} \(count)\n" }
        for (name, count) in [
            ("verified_cache_hits", counters.cacheHits), ("verified_cache_misses", counters.cacheMisses),
            ("shared_flights", counters.shared), ("account_alerts", counters.alerts),
        ] {
            text += "# TYPE latchkey_\(name)_total counter\nlatchkey_\(name)_total \(count)\n"
        }
        return AuthResponse(.ok, headers: [.contentType: "text/plain; version=0.0.4"], body: Array(text.utf8))
    }
}
