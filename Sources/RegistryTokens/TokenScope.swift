public import AccessControl

/// One thing that a client asks of a registry's token (Distribution, "Token Scope Documentation"): `repository:team/app:pull,push`.
public struct TokenScope: Sendable, Hashable {
    /// What the type of a resource says that Latchkey knows.
    public enum Resource: Sendable, Hashable {
        case repository(RepositoryName)
        /// `registry:catalog`.
        case catalog
        /// Of a type, or a name, of which nobody here can grant anything.
        case other
    }

    /// The type as it stands, without its class.
    public let type: String
    /// What stands in parentheses behind the type; nil for nothing.
    public let classification: String?
    /// The name as it stands.
    public let name: String
    /// The actions as they stand, in their order.
    public let actions: [String]

    /// Reads a scope.
    /// - Parameter text: `type:name:action,action`; the name may hold colons.
    /// - Returns: nil for what has another form.
    public init?(_ text: some StringProtocol) {
        guard let first = text.firstIndex(of: ":"), let last = text.lastIndex(of: ":"), first < last else { return nil }
        let type = text[..<first]
        if type.hasSuffix(")"), let open = type.firstIndex(of: "(") {
            self.type = String(type[..<open])
            classification = String(type[type.index(after: open)...].dropLast())
        } else {
            self.type = String(type)
            classification = nil
        }
        name = String(text[text.index(after: first)..<last])
        actions = String(text[text.index(after: last)...]).split(separator: Character(",")).map { String($0) }
        let isType = self.type.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) }
        guard isType, !self.type.isEmpty, !name.isEmpty, !actions.isEmpty else { return nil }
    }

    /// What it is about.
    public var resource: Resource {
        switch type {
        case "repository": RepositoryName(name).map { .repository($0) } ?? .other
        case "registry" where name == "catalog": .catalog
        default: .other
        }
    }
}
