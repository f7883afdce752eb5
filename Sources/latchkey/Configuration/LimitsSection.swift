import Credentials
import NIOCore

/// Reads `http.limits`: how much of the server a client may take up.
struct LimitsSection {
    let section: ConfigurationSection

    /// What an operator has set.
    struct Settings: Sendable, Equatable {
        var connections = ConnectionLimits()
        /// How many bytes a body may have; nil for what its route takes.
        var bodyBytes: Int?
    }

    /// Reads the section.
    /// - Throws: ``ConfigurationError``.
    func read(_ notices: inout [String]) throws(ConfigurationError) -> Settings {
        try section.check(notices: &notices)
        var settings = Settings()
        let counts = 1...10_000_000
        settings.connections.connections = try section.integer("connections", in: counts)
        settings.connections.connectionsPerAddress = try section.integer("connectionsPerAddress", in: counts)
        settings.connections.requestsPerConnection = try section.integer("requestsPerConnection", in: counts)
        settings.connections.headerBytes =
            try section.integer("headerBytes", in: 1024...80_000) ?? settings.connections.headerBytes
        settings.connections.headerFields =
            try section.integer("headerFields", in: 8...10_000) ?? settings.connections.headerFields
        settings.bodyBytes = try section.integer("bodyBytes", in: 256...65_536)
        if let timeout = try section.duration("requestTimeout") {
            guard timeout > .zero else { throw section.error("requestTimeout", "must be longer than 0") }
            settings.connections.requestTimeout = TimeAmount(timeout)
        }
        return settings
    }
}
