public import Credentials

extension AccessConfiguration {
    /// What can be seen in the rules alone to be of no use: patterns that take nothing or never count, and policies that grant nothing
    /// or name nobody.
    /// - Returns: a sentence for each.
    public var warnings: [String] {
        let globs = repositories.map { try? Glob($0.pattern) }
        let readable = globs.compactMap(\.self).map { ($0, GlobEdges($0)) }
        var (warnings, folded): ([String], Set<String>) = ([], [])
        for (entry, glob) in zip(repositories, globs) {
            let pattern = "`\(entry.pattern)`"
            let isKnown = !folded.insert(entry.pattern.lowercased()).inserted
            if let vanity = glob?.vanity {
                warnings.append("\(pattern) \(vanity)")
                continue
            }
            if let glob, let shadows = Self.shadows(of: glob, among: readable) {
                warnings.append("\(pattern) never counts: longer patterns take all that it takes: \(shadows)")
            }
            for (number, policy) in entry.policies.enumerated() {
                let place = "\(pattern), policies[\(number)]"
                if policy.actions.isEmpty { warnings.append("\(place) grants nothing: it has no actions") }
                if policy.users.isEmpty, policy.groups.isEmpty {
                    warnings.append("\(place) grants nobody anything: it names no users and no groups")
                }
                if policy.users.contains("*") {
                    warnings.append("\(place): * is no wildcard; for everybody write a defaultPolicy")
                }
            }
            if entry.policies.isEmpty, entry.defaultPolicy.isEmpty, entry.anonymousPolicy.isEmpty {
                warnings.append("\(pattern) grants nothing: only an administrator may anything there")
            }
            if isKnown {
                warnings.append("\(pattern) differs from another pattern in case alone")
            }
        }
        if let admin = adminPolicy, admin.actions.isEmpty || admin.users.isEmpty && admin.groups.isEmpty {
            warnings.append("adminPolicy grants nothing: it needs actions, and users or groups")
        }
        for (name, users) in groups.sorted(by: { $0.key < $1.key }) where users.isEmpty {
            warnings.append("the group \(name) of accessControl has no users")
        }
        return warnings
    }

    /// The names of groups that policies mean.
    public var groupsNamed: [GroupName] {
        Set(policies.flatMap(\.groups)).sorted()
    }

    /// Whose group a policy means.
    /// - Parameter group: its name, as a policy writes it.
    /// - Returns: who states it, and what they call it; nil for a group of the operator's, the file's or the directory's.
    public func authority(of group: GroupName) -> (authority: GroupName, name: GroupName)? {
        guard let colon = group.text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let authority = GroupName(String(group.text[..<colon]))
        guard authorities.contains(authority) else { return nil }
        return (authority, GroupName(String(group.text[group.text.utf8.index(after: colon)...])))
    }

    /// The names of users that policies and groups mean.
    public var usersNamed: [UserName] {
        Set(policies.flatMap(\.users) + groups.values.flatMap(\.self)).subtracting(["*"]).sorted()
    }

    private var policies: [Policy] { repositories.flatMap(\.policies) + [adminPolicy].compactMap(\.self) }

    /// The longer patterns that leave a pattern nothing; nil if something is left to it, or that is too long a thought.
    private static func shadows(of glob: Glob, among others: [(Glob, GlobEdges)]) -> String? {
        let (length, edges) = (glob.text.utf8.count, GlobEdges(glob))
        let near = others.filter { $0.text.utf8.count > length && $1.fit(edges) && $0.overlaps(glob) }.map(\.0)
        guard !near.isEmpty, near.count <= 32 else { return nil }
        if let one = near.first(where: { glob.isWithin([$0]) == true }) { return "`\(one)`" }
        guard glob.isWithin(near) == true else { return nil }
        return near.map { "`\($0)`" }.joined(separator: ", ")
    }
}
