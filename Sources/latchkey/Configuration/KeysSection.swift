import APIKeys
import AccessControl
import AuthService
import Credentials

/// Reads `http.auth.apiKeys`: what is allowed of API keys, and who may act on others'.
struct KeysSection {
    let section: ConfigurationSection

    /// What an operator allows.
    struct Settings: Sendable {
        var options = APIKeyRing.Options()
        var administrators: AccessConfiguration.Policy?
        var alertAfterNetworks = 10
        var memory = KeyMemory()
        /// Where making and ending keys by a session takes a fresh login.
        var freshLogin = FreshLogin.everywhere
    }

    /// Reads the section.
    /// - Throws: ``ConfigurationError``.
    func read(_ notices: inout [String]) throws(ConfigurationError) -> Settings {
        try section.check(notices: &notices)
        var settings = Settings()
        settings.options.policy = try policy()
        settings.options.tombstones = try section.duration("tombstones") ?? settings.options.tombstones
        if let bytes = try section.value("cache", "a size such as 64MiB", SizeText.parse) {
            guard bytes >= KeyMemory.least else { throw section.error("cache", "must be 8MiB or more") }
            settings.memory.total = Int(clamping: bytes)
        }
        settings.options.capacity = settings.memory.keys
        if let section = try section.section("administrators") {
            try section.check(notices: &notices)
            settings.administrators = .init(
                users: try section.strings("users").map { UserName($0) },
                groups: try section.strings("groups").map { GroupName($0) }, actions: .all)
        }
        settings.freshLogin =
            try section.value("freshLogin", "everywhere or pages") { FreshLogin(rawValue: $0.lowercased()) }
            ?? settings.freshLogin
        settings.alertAfterNetworks =
            try section.integer("alertAfterNetworks", in: 0...1_000_000) ?? settings.alertAfterNetworks
        return settings
    }

    private func policy() throws(ConfigurationError) -> APIKeyPolicy {
        var policy = APIKeyPolicy()
        policy.maxLifetime = try lifetime("maxLifetime")
        policy.defaultLifetime = try lifetime("defaultLifetime")
        policy.unusedLifetime = try lifetime("unusedLifetime")
        policy.maxPerUser = try section.integer("maxPerUser", in: 1...1_000_000)
        policy.requireExpiry = try section.bool("requireExpiry") ?? false
        policy.requireLabel = try section.bool("requireLabel") ?? false
        for text in try section.strings("allowedScopes") {
            guard let scope = Scope(text) else { throw section.error("allowedScopes", "has an empty scope") }
            do throws(GlobProblem) {
                _ = try KeyScope(scope)
            } catch {
                throw section.error("allowedScopes", "has the scope '\(text)', which \(error)")
            }
            policy.allowedScopes.append(scope)
        }
        policy.passwords =
            try section.value("passwords", "anywhere or keyManagementOnly") { text in
                APIKeyPolicy.Passwords.allCases.first { $0.rawValue.lowercased() == text.lowercased() }
            } ?? .anywhere
        if let usual = policy.defaultLifetime, let longest = policy.maxLifetime, usual > longest {
            throw section.error(
                "defaultLifetime", "is longer than maxLifetime: no key could be made without an end of its own")
        }
        return policy
    }

    private func lifetime(_ key: String) throws(ConfigurationError) -> Duration? {
        guard let duration = try section.duration(key) else { return nil }
        guard duration > .zero else { throw section.error(key, "must be longer than 0; leave it out for no limit") }
        return duration
    }
}
