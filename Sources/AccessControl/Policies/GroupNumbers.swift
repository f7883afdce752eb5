import Credentials

/// Numbers for the groups that policies name, so that finding those of a principal costs a look-up for each of theirs.
struct GroupNumbers: Sendable {
    /// The name of a group, made comparable.
    private enum Key: Hashable {
        /// Of a group without a distinguished name: as it is.
        case name(GroupName)
        /// Of a group of a provider or an issuer of tokens, which is nobody else's.
        case qualified(GroupName)
        case distinguished(String)
        case short(String)
    }

    let mode: AccessConfiguration.GroupNames
    /// Who states groups of their own.
    let authorities: Set<GroupName>
    /// The names as policies write them, by their numbers.
    private(set) var names: [GroupName] = []
    private var numbers: [GroupName: Int] = [:]
    private var keys: [Key: [Int]] = [:]

    init(_ mode: AccessConfiguration.GroupNames, _ authorities: Set<GroupName> = []) {
        (self.mode, self.authorities) = (mode, authorities)
    }

    /// The number of a group, as a policy writes it.
    mutating func number(_ name: GroupName) -> Int {
        if let known = numbers[name] { return known }
        let number = names.count
        names.append(name)
        numbers[name] = number
        guard !isQualified(name) else {
            keys[.qualified(name), default: []].append(number)
            return number
        }
        keys[.name(name), default: []].append(number)
        if mode != .short, DistinguishedName(name.text) != nil {
            keys[.distinguished(DistinguishedName.comparable(name.text)), default: []].append(number)
        }
        if mode != .dn { keys[.short(StringPreparation.caseIgnore(name)), default: []].append(number) }
        return number
    }

    /// Whether a policy means a group of one of those who state groups of their own.
    private func isQualified(_ name: GroupName) -> Bool {
        guard !authorities.isEmpty, let colon = name.text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
        return authorities.contains(GroupName(String(name.text[..<colon])))
    }

    /// The numbers of a principal's groups.
    /// - Parameters:
    ///   - groups: what their source says.
    ///   - made: the operator's own groups that they are in.
    func set(_ groups: [Group], made: [GroupName]) -> GroupSet {
        var set = GroupSet()
        func insert(_ key: Key) { for number in keys[key] ?? [] { set.insert(number) } }
        for name in made { insert(.name(name)) }
        guard !keys.isEmpty else { return set }
        for group in groups {
            guard group.authority == nil else {
                insert(.qualified(group.qualifiedName))
                continue
            }
            guard let name = group.comparableName else {
                insert(.name(group.name))
                continue
            }
            if mode != .short { insert(.distinguished(name)) }
            if mode != .dn { insert(.short(StringPreparation.caseIgnore(group.name))) }
        }
        return set
    }
}
