import Credentials

/// Numbers for the groups that policies name, so that finding those of a principal costs a look-up for each of theirs.
struct GroupNumbers: Sendable {
    /// The name of a group, made comparable.
    private enum Key: Hashable {
        /// Of a group without a distinguished name: as it is.
        case name(String)
        case distinguished(String)
        case short(String)
    }

    let mode: AccessConfiguration.GroupNames
    /// The names as policies write them, by their numbers.
    private(set) var names: [String] = []
    private var numbers: [String: Int] = [:]
    private var keys: [Key: [Int]] = [:]

    init(_ mode: AccessConfiguration.GroupNames) {
        self.mode = mode
    }

    /// The number of a group, as a policy writes it.
    mutating func number(_ name: String) -> Int {
        if let known = numbers[name] { return known }
        let number = names.count
        names.append(name)
        numbers[name] = number
        keys[.name(name), default: []].append(number)
        if mode != .short, DistinguishedName(name) != nil {
            keys[.distinguished(DistinguishedName.comparable(name)), default: []].append(number)
        }
        if mode != .dn { keys[.short(StringPreparation.caseIgnore(name)), default: []].append(number) }
        return number
    }

    /// The numbers of a principal's groups.
    /// - Parameters:
    ///   - groups: what their source says.
    ///   - made: the operator's own groups that they are in.
    func set(_ groups: [Group], made: [String]) -> GroupSet {
        var set = GroupSet()
        func insert(_ key: Key) { for number in keys[key] ?? [] { set.insert(number) } }
        for name in made { insert(.name(name)) }
        guard !keys.isEmpty else { return set }
        for group in groups {
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
