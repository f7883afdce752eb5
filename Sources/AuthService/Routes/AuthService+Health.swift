import Credentials
import HTTPTypes

extension AuthService {
    /// Alive: says nothing of the sources.
    func health() -> AuthResponse { .json(.ok, ["status": "ok"]) }

    /// Each source's state. 503 only if no source works: taking a server out of service because one of its sources is
    /// gone would take the others from everybody too.
    func readiness() async -> AuthResponse {
        let states = await resolver.states()
        let sources = states.map { ReadinessBody.Source($0.0, $0.1) }
        let working = sources.count { $0.state != "unavailable" }
        let status =
            working == 0
            ? "unavailable" : sources.allSatisfy { $0.state == "ready" } && isCurrent() ? "ready" : "degraded"
        return .json(working == 0 ? .serviceUnavailable : .ok, ReadinessBody(status: status, sources: sources))
    }
}

/// The body of `/readyz`. Anybody may read it: codes alone, no names of servers or files.
private struct ReadinessBody: Encodable {
    struct Source: Encodable {
        var name: String
        var state: String
        var reason: String?

        init(_ name: SourceName, _ state: SourceState) {
            self.name = name.rawValue
            switch state {
            case .ready: self.state = "ready"
            case .degraded:
                self.state = "degraded"
                reason = "stale"
            case .unavailable(let failure):
                self.state = "unavailable"
                reason = failure.code.rawValue
            }
        }
    }

    var status: String
    var sources: [Source]
}
