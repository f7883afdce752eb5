import Credentials
import LDAPDirectory

/// Reads how people and their groups are found in the directory: a part of `http.auth.ldap`.
struct DirectoryPeople {
    let section: ConfigurationSection

    func read(into options: inout DirectoryOptions, _ notices: inout [String]) throws(ConfigurationError) {
        options.bindDNTemplate = try placeholder("bindDNTemplate")
        options.bases = try section.strings("baseDN")
        guard !options.bases.isEmpty || options.bindDNTemplate != nil else {
            throw section.error("baseDN", "is missing: the entry below which people are searched")
        }
        options.scope = try section.bool("subtreeSearch") ?? false ? .subtree : .oneLevel
        let isActiveDirectory = try section.bool("activeDirectory") ?? false
        if isActiveDirectory {
            options.activeDirectory = ActiveDirectoryNames(domains: try section.strings("netbiosDomains"))
            (options.userAttribute, options.groups.attribute) = ("sAMAccountName", "memberOf")
        } else if section.has("netbiosDomains") {
            throw section.error("netbiosDomains", "needs activeDirectory")
        }
        options.userAttribute = try section.string("userAttribute") ?? options.userAttribute
        options.identityAttribute = try section.string("identityAttribute")
        options.userFilter = try filter("userFilter", section)
        options.filter = try placeholder("filter")
        if let problem = options.filter.flatMap({ SearchFilter.problem(in: $0.replacing("{user}", with: "x")) }) {
            throw section.error("filter", "is no search filter (RFC 4515): \(problem)")
        }
        options.groups.attribute = try section.string("userGroupAttribute") ?? options.groups.attribute
        if let groups = try section.section("groups") { try read(groups, into: &options, &notices) }
    }

    /// A search filter, with or without its outer parentheses.
    private func filter(_ key: String, _ section: ConfigurationSection) throws(ConfigurationError) -> String? {
        guard let text = try section.string(key) else { return nil }
        if let problem = SearchFilter.problem(in: text) {
            throw section.error(key, "is no search filter (RFC 4515): \(problem)")
        }
        return text
    }

    /// A text in which the user name has its place.
    private func placeholder(_ key: String) throws(ConfigurationError) -> String? {
        guard let text = try section.string(key) else { return nil }
        guard text.contains("{user}") else { throw section.error(key, "must have {user} where the user name belongs") }
        return text
    }

    private func read(
        _ groups: ConfigurationSection, into options: inout DirectoryOptions, _ notices: inout [String]
    ) throws(ConfigurationError) {
        try groups.check(notices: &notices)
        let nested = try groups.value("nested", "false, true or inChain") { text -> String? in
            let text = text.lowercased()
            return ["false", "true", "inchain"].contains(text) ? text : nil
        }
        let members = try groups.strings("members")
        if let base = try groups.string("baseDN") {
            options.groups.search = .init(
                baseDN: base, members: try members.isEmpty ? [.member] : read(members, groups))
            options.groups.search?.filter = try filter("filter", groups)
            options.groups.search?.nameAttribute = try groups.string("nameAttribute") ?? "cn"
        } else if let key = ["members", "filter", "nameAttribute", "nested"].first(where: groups.has) {
            throw groups.error(key, "needs a baseDN: the entry below which groups are searched")
        }
        let levels = try groups.integer("levels", in: 1...100)
        switch nested {
        case "true": options.groups.nesting = .walk(levels: levels ?? 10)
        case "inchain": options.groups.nesting = .inChain
        default: break
        }
        options.groups.required = try groups.strings("required").map { GroupName($0) }
        if let names = try groups.section("names") {
            for key in names.keys { options.groups.names[key] = try names.string(key).map { GroupName($0) } }
        }
    }

    private func read(
        _ members: [String], _ groups: ConfigurationSection
    ) throws(ConfigurationError) -> [GroupOptions.Search.Member] {
        var read: [GroupOptions.Search.Member] = []
        for name in members {
            let known = GroupOptions.Search.Member.allCases
            guard let member = known.first(where: { $0.rawValue.lowercased() == name.lowercased() }) else {
                let names = known.map(\.rawValue).joined(separator: ", ")
                throw groups.error("members", "must be some of \(names), not '\(name)'")
            }
            read.append(member)
        }
        return read
    }
}
