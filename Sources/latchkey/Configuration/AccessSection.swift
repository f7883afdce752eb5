import AccessControl
import AuthService
import Credentials

/// Reads `http.accessControl`, in the shape of zot's.
struct AccessSection {
    let section: ConfigurationSection

    /// What an operator grants, and who may read the metrics.
    struct Settings: Sendable {
        var configuration: AccessConfiguration
        var rules: AccessRules
        var metrics: MetricsAccess?
    }

    /// Reads the section.
    /// - Throws: ``ConfigurationError``.
    func read(_ notices: inout [String]) throws(ConfigurationError) -> Settings {
        try section.check(notices: &notices)
        var configuration = AccessConfiguration()
        configuration.groupNames =
            try section.value("groupNames", "dn, short or both") { .init(rawValue: $0.lowercased()) }
            ?? configuration.groupNames
        if let groups = try section.section("groups") {
            for (name, group) in try groups.members() {
                try group.check(notices: &notices)
                configuration.groups[GroupName(name)] = try group.strings("users").map { UserName($0) }
            }
        }
        let repositories = try section.section("repositories")
        for (pattern, repository) in try repositories?.members() ?? [] {
            configuration.repositories.append(try read(pattern, repository, &notices))
        }
        if let admin = try section.section("adminPolicy") {
            configuration.adminPolicy = try policy(admin, &notices)
        }
        var metrics: MetricsAccess?
        if let section = try section.section("metrics") {
            try section.check(notices: &notices)
            metrics = MetricsAccess(
                users: Set(try section.strings("users").map { UserName($0) }),
                isOpen: try actions("anonymousPolicy", section).contains(.read))
        }
        do throws(AccessProblem) {
            return Settings(configuration: configuration, rules: try AccessRules(configuration), metrics: metrics)
        } catch {
            throw error.pattern.flatMap { repositories?.error($0, "\(error)") } ?? section.error("", "\(error)")
        }
    }

    private func read(
        _ pattern: String, _ section: ConfigurationSection, _ notices: inout [String]
    ) throws(ConfigurationError) -> AccessConfiguration.Repositories {
        try section.check(notices: &notices)
        var repositories = AccessConfiguration.Repositories(pattern)
        for section in try section.sections("policies") {
            repositories.policies.append(try policy(section, &notices))
        }
        repositories.defaultPolicy = try actions("defaultPolicy", section)
        repositories.anonymousPolicy = try actions("anonymousPolicy", section)
        return repositories
    }

    private func policy(
        _ section: ConfigurationSection, _ notices: inout [String]
    ) throws(ConfigurationError) -> AccessConfiguration.Policy {
        try section.check(notices: &notices)
        try section.refuse(["conditions": "it limits what the policy grants; take it out, or the whole policy"])
        return .init(
            users: try section.strings("users").map { UserName($0) },
            groups: try section.strings("groups").map { GroupName($0) },
            actions: try actions("actions", section))
    }

    private func actions(_ key: String, _ section: ConfigurationSection) throws(ConfigurationError) -> ActionSet {
        var actions: [Action] = []
        for name in try section.strings(key) {
            // zot compares them exactly, and a slip there grants nothing: here it is found.
            guard let action = Action(named: name) else {
                let names = Action.allCases.map(\.rawValue).joined(separator: ", ")
                throw section.error(key, "must be some of \(names), not '\(name)'")
            }
            actions.append(action)
        }
        return ActionSet(actions)
    }
}
