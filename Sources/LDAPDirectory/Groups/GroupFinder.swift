import Credentials

/// Finds the groups of a user. Blocks: for a lane.
struct GroupFinder: Sendable {
    private let options: GroupOptions
    private let servers: DirectoryServers
    private let required: [GroupPattern]
    /// The short names that are configured, by the comparable form of their DNs.
    private let names: [String: GroupName]
    /// How many groups one filter asks for: servers limit the length of a request.
    private static let namesAtOnce = 50

    init(_ options: GroupOptions, _ servers: DirectoryServers) {
        self.options = options
        self.servers = servers
        required = options.required.map { GroupPattern($0) }
        names = Dictionary(options.names.map { (DistinguishedName.comparable($0.key), $0.value) }) { first, _ in first }
    }

    /// The attributes of a user's entry that are needed.
    var attributes: [String] {
        (options.attribute.map { [$0] } ?? [])
            + (options.search?.members.contains(.gidNumber) == true ? ["gidNumber"] : [])
    }

    /// All groups of a user.
    /// - Parameters:
    ///   - entry: the user's entry.
    ///   - userName: the canonical user name.
    ///   - deadline: when there is no time left.
    func groups(
        of entry: LDAPConnection.Entry, userName: UserName, _ deadline: Deadline
    ) throws(LDAPError) -> [Group] {
        var groups = Found()
        if let attribute = options.attribute {
            for value in try values(of: attribute, in: entry, deadline) {
                let isName = DistinguishedName(value) != nil
                groups.add(
                    Group(
                        name: isName ? shortName(value) : GroupName(value), distinguishedName: isName ? value : nil))
            }
        }
        if let search = options.search {
            for group in try find(search, members: conditions(search, entry, userName), deadline) { groups.add(group) }
            // What the attribute lists is in groups too.
            if case .walk(let levels) = options.nesting { try walk(search, levels, &groups, deadline) }
        }
        return ordered(groups.list)
    }

    /// Those that the configuration names come first: where there is no room for all, they are the ones that matter.
    private func ordered(_ groups: [Group]) -> [Group] {
        guard !names.isEmpty || !required.isEmpty else { return groups }
        let isNamed = groups.map { group in
            group.distinguishedName.map { configuredName($0) != nil } ?? false
                || required.contains { group.matches($0) }
        }
        return zip(groups, isNamed).filter(\.1).map(\.0) + zip(groups, isNamed).filter { !$0.1 }.map(\.0)
    }

    /// Whether somebody with these groups may log in.
    func admits(_ groups: [Group]) -> Bool {
        required.isEmpty || required.contains { required in groups.contains { $0.matches(required) } }
    }

    /// Goes up level by level. A group that is known already is not asked for again: circles end by themselves.
    private func walk(
        _ search: GroupOptions.Search, _ levels: Int, _ groups: inout Found, _ deadline: Deadline
    ) throws(LDAPError) {
        var level = groups.list.compactMap(\.distinguishedName)
        let members = search.members.filter(\.holdsNames)
        for _ in 0..<levels where !level.isEmpty && groups.list.count < GroupOptions.maximumCount {
            var next: [String] = []
            for start in stride(from: 0, to: level.count, by: Self.namesAtOnce) {
                let names = level[start..<min(start + Self.namesAtOnce, level.count)]
                let conditions = names.flatMap { name in
                    members.map { "(\($0.rawValue)=\(SearchFilter.escape(name)))" }
                }
                for group in try find(search, members: conditions, deadline)
                where groups.add(group) {
                    if let name = group.distinguishedName { next.append(name) }
                }
            }
            level = next
        }
    }

    /// What must hold of a group that the user is in: one of these.
    private func conditions(
        _ search: GroupOptions.Search, _ entry: LDAPConnection.Entry, _ userName: UserName
    ) -> [String] {
        let name = SearchFilter.escape(entry.name)
        return search.members.compactMap { member in
            switch member {
            case .member where options.nesting == .inChain: "(member:1.2.840.113556.1.4.1941:=\(name))"
            case .member, .uniqueMember: "(\(member.rawValue)=\(name))"
            case .memberUid: "(memberUid=\(SearchFilter.escape(userName.text)))"
            case .gidNumber: entry.first("gidNumber").map { "(gidNumber=\(SearchFilter.escape($0)))" }
            }
        }
    }

    private func find(
        _ search: GroupOptions.Search, members: [String], _ deadline: Deadline
    ) throws(LDAPError) -> [Group] {
        guard !members.isEmpty else { return [] }
        let filter = SearchFilter.all(["(|\(members.joined()))", search.filter])
        let request = SearchRequest(
            base: search.baseDN, scope: .subtree, filter: filter, attributes: [search.nameAttribute],
            limit: Int32(GroupOptions.maximumCount))
        let (entries, _) = try servers.search(request, deadline)
        return entries.map { entry in
            let name =
                configuredName(entry.name) ?? entry.first(search.nameAttribute).map { GroupName($0) }
                ?? shortName(entry.name)
            return Group(name: name, distinguishedName: entry.name)
        }
    }

    /// All values of an attribute. Active Directory hands out 1,500 at a time, under the name `memberOf;range=0-1499`,
    /// and wants to be asked for the rest ([MS-ADTS], 3.1.1.3.1.3.3).
    private func values(
        of attribute: String, in entry: LDAPConnection.Entry, _ deadline: Deadline
    ) throws(LDAPError) -> [String] {
        var (entry, all) = (entry, entry.values[attribute.lowercased()] ?? [])
        while all.count < GroupOptions.maximumCount, let (part, end) = range(of: attribute, in: entry) {
            all += part
            guard let end else { break }
            let request = SearchRequest(base: entry.name, attributes: ["\(attribute);range=\(end + 1)-*"])
            let (more, _) = try servers.search(request, deadline)
            guard let next = more.first else { break }
            entry = next
        }
        return all
    }

    /// The part of an attribute's values that an entry has, and the number of its last one; nil after the last part.
    private func range(of attribute: String, in entry: LDAPConnection.Entry) -> (values: [String], end: Int?)? {
        let prefix = "\(attribute.lowercased());range="
        guard let (key, values) = entry.values.first(where: { $0.key.hasPrefix(prefix) }) else { return nil }
        return (values, key.split(separator: "-").last.flatMap { Int($0) })
    }

    private func shortName(_ name: String) -> GroupName {
        configuredName(name) ?? GroupName(DistinguishedName.shortName(of: name))
    }

    private func configuredName(_ name: String) -> GroupName? {
        names.isEmpty ? nil : names[DistinguishedName.comparable(name)]
    }

    /// Groups in the order in which they were found, each once.
    private struct Found {
        private(set) var list: [Group] = []
        private var seen: Set<String> = []

        /// - Returns: whether it is new.
        @discardableResult
        mutating func add(_ group: Group) -> Bool {
            let key =
                group.distinguishedName.map(DistinguishedName.comparable) ?? StringPreparation.caseIgnore(group.name)
            guard seen.insert(key).inserted else { return false }
            list.append(group)
            return true
        }
    }
}
