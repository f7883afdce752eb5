import AsyncHTTPClient
import OpenIDConnect

/// What a running server counts over all reloads, and where it writes. Safe to share.
struct ServerState: Sendable {
    let logs: ServerLogs
    let reloads = ReloadStatus()
    let connections = ConnectionRegister()
    let keys = KeyCounts()
    let manager = ServiceManager()
    /// Seals what browsers carry during a login: a reload ends none.
    let loginSeal = LoginSeal()
    /// Asks identity providers; shut down at the end. A provider's answer stands where it was asked for: no redirection is followed.
    let providers: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        // One that is down is told at once: the browser can try again.
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()
}
