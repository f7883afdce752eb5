import AsyncHTTPClient
import Credentials

/// The HTTP client that asks identity providers: made when it is needed first, and shut down at the end.
final class ProviderClient: Sendable {
    private let client = Locked<HTTPClient?>(nil)

    /// The client. A provider's answer stands where it was asked for: no redirection is followed. One that is down is told at once: the browser
    /// can try again.
    func get() -> HTTPClient {
        client.withLock { client in
            if let client { return client }
            var configuration = HTTPClient.Configuration()
            configuration.redirectConfiguration = .disallow
            configuration.connectionPool.retryConnectionEstablishment = false
            let made = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
            client = made
            return made
        }
    }

    /// Shuts it down; none may be got after that.
    func shutdown() async {
        let client = client.withLock { client in
            defer { client = nil }
            return client
        }
        // What can't be shut down ends with the process.
        try? await client?.shutdown()
    }
}
