public import Credentials

/// What a store keeps of a login beside the name: the groups that the provider has stated, and whether the name is an operator's word.
public struct StatedGroups: Sendable, Hashable, Codable {
    /// What the provider calls the groups.
    public let names: [GroupName]
    /// Whether the user name of the login is that of a link, which the operator may take back, and not of a claim.
    public let isNameLinked: Bool

    /// Describes a login.
    /// - Parameters:
    ///   - names: what the provider calls the groups.
    ///   - isNameLinked: whether the user name is that of a link.
    public init(_ names: [GroupName] = [], isNameLinked: Bool = false) {
        (self.names, self.isNameLinked) = (names, isNameLinked)
    }

    private enum CodingKeys: String, CodingKey { case names, isNameLinked }

    /// Reads it from a store: a list is of a login whose name is of a claim.
    public init(from decoder: any Decoder) throws {
        if var list = try? decoder.unkeyedContainer() {
            var names: [GroupName] = []
            while !list.isAtEnd { names.append(try list.decode(GroupName.self)) }
            self.init(names)
            return
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            try container.decode([GroupName].self, forKey: .names),
            isNameLinked: try container.decode(Bool.self, forKey: .isNameLinked))
    }

    /// Writes it for a store.
    public func encode(to encoder: any Encoder) throws {
        guard isNameLinked else {
            var list = encoder.unkeyedContainer()
            for name in names { try list.encode(name) }
            return
        }
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(names, forKey: .names)
        try container.encode(isNameLinked, forKey: .isNameLinked)
    }
}

extension StatedGroups: ExpressibleByArrayLiteral {
    /// Groups of a login whose name is of a claim.
    public init(arrayLiteral names: GroupName...) { self.init(names) }
}
