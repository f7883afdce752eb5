import OpenIDConnect

/// What a running server counts over all reloads, and where it writes. Safe to share.
struct ServerState: Sendable {
    let logs: ServerLogs
    let reloads = ReloadStatus()
    let connections = ConnectionRegister()
    let keys = KeyCounts()
    let manager = ServiceManager()
    /// Says what of the rights is of no use.
    let warnings = PolicyWarnings()
    /// Seals what browsers carry during a login: a reload ends none.
    let loginSeal = LoginSeal()
    /// Asks identity providers.
    let providers: ProviderClient
}
