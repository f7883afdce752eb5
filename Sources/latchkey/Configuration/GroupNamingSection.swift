import Credentials

/// Reads how the groups of a provider, or of an issuer of tokens, are named: `groupMapping` and `trustGroups` of its section.
struct GroupNamingSection {
    let section: ConfigurationSection

    /// The keys that it reads.
    static let keys = [
        SchemaKey(
            "groupMapping", .named(.text),
            "Names without the provider's before them, by what the provider calls the groups: others are PROVIDER:GROUP."
        ),
        SchemaKey(
            "trustGroups", .bool,
            "Whether all of its groups count by their own names: whoever may make groups there is then in any group of yours.",
            usual: "false"),
    ]

    /// Reads them.
    /// - Parameter authority: what the configuration calls who states the groups.
    /// - Throws: ``ConfigurationError``.
    func read(of authority: GroupName) throws(ConfigurationError) -> GroupNaming {
        var naming = GroupNaming(of: authority, isTrusted: try section.bool("trustGroups") ?? false)
        guard let mapping = try section.section("groupMapping") else { return naming }
        for key in mapping.keys {
            guard let stated = try? GroupName(exactly: key), let text = try mapping.string(key),
                let bare = try? GroupName(exactly: text)
            else { throw mapping.error(key, "must be the name of a group, for what the provider calls it") }
            naming.bare[stated] = bare
        }
        return naming
    }
}
