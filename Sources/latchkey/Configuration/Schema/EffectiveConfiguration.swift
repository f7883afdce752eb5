import Yams

/// What holds: the file, the environment and what is usual, with secrets hidden.
struct EffectiveConfiguration {
    private let root: ConfigurationSection

    /// - Parameter root: what the file and the environment say.
    init(_ root: ConfigurationSection) { self.root = root }

    /// As YAML; no secret is in it, so that it can't be used as it is where there was one.
    /// - Throws: what Yams can't write.
    func text() throws -> String {
        try Yams.serialize(node: try node(of: root))
    }

    private func node(of section: ConfigurationSection) throws(ConfigurationError) -> Node {
        if case .named(let element) = section.schema {
            // Names of the operator's choice with a value each, such as requiredClaims.
            guard element.group != nil else {
                return Node(section.keys.map { (Node($0), plain(section.value($0) ?? Node(""))) })
            }
            return Node(
                try section.members().map { (name, section) throws(ConfigurationError) in
                    (Node(name), try node(of: section))
                })
        }
        var pairs: [(Node, Node)] = []
        for key in section.schema.keys {
            guard let node = try node(of: key, in: section) else { continue }
            pairs.append((Node(key.name), node))
        }
        return Node(pairs)
    }

    private func node(of key: SchemaKey, in section: ConfigurationSection) throws(ConfigurationError) -> Node? {
        switch key.value {
        case .skipped, .refused: return nil
        case .list(.group):
            let sections = try section.sections(key.name)
            return sections.isEmpty
                ? nil : Node(try sections.map { (section) throws(ConfigurationError) in try node(of: section) })
        case .group, .named, .either:
            if section.isGroup(key.name), let group = try section.section(key.name) { return try node(of: group) }
            guard key.usual != nil else { break }
            return try node(of: ConfigurationSection(file: "", path: "", node: Node(""), key.value))
        default: break
        }
        if key.isSecret, section.has(key.name) { return Node("(hidden)") }
        if let value = section.value(key.name), value.string?.isEmpty != true { return plain(value) }
        return try key.usual.flatMap { (usual) throws(ConfigurationError) in try? Yams.compose(yaml: usual) }
    }

    /// Without the name of the variable that it is from.
    private func plain(_ node: Node) -> Node {
        switch node {
        case .scalar(let scalar): .scalar(.init(scalar.string, .implicit, scalar.style))
        case .sequence(let sequence): .sequence(.init(sequence.map { plain($0) }))
        case .mapping(let mapping): .mapping(.init(mapping.map { (plain($0.key), plain($0.value)) }))
        case .alias: node
        }
    }
}
