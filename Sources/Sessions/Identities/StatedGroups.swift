public import Credentials

/// The groups that a provider has stated at a login, as it calls them, and who that was.
public struct StatedGroups: Sendable, Hashable, Codable {
    /// What the provider calls them.
    public let names: [GroupName]
    /// The source of the provider that has stated them; nil for the person's own. Somebody whom an operator has linked may come by another one.
    public let source: SourceName?

    /// Describes groups.
    /// - Parameters:
    ///   - names: what the provider calls them.
    ///   - source: the source of the provider that has stated them; nil for the person's own.
    public init(_ names: [GroupName] = [], by source: SourceName? = nil) {
        (self.names, self.source) = (names, source)
    }

    private enum CodingKeys: String, CodingKey { case names, source }

    /// Reads them from a store: a list is of the person's own provider.
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
            by: SourceName(rawValue: try container.decode(String.self, forKey: .source)))
    }

    /// Writes them for a store.
    public func encode(to encoder: any Encoder) throws {
        guard let source else {
            var list = encoder.unkeyedContainer()
            for name in names { try list.encode(name) }
            return
        }
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(names, forKey: .names)
        try container.encode(source.rawValue, forKey: .source)
    }
}

extension StatedGroups: ExpressibleByArrayLiteral {
    /// Groups of the person's own provider.
    public init(arrayLiteral names: GroupName...) { self.init(names) }
}
