import Yams

/// Keys of the configuration that stand in the environment: `LATCHKEY_HTTP_PORT` is `http.port`. They count before the file's.
///
/// No key has an underscore, so that each variable names one key. A value that begins with `[`, `{` or a quotation mark is YAML, such as a list; any other is
/// a text as it is.
struct ConfigurationEnvironment {
    private static let prefix = "LATCHKEY_"
    /// The groups that a variable may begin with; others of that prefix mean something else.
    private static let roots: Set = ["http", "storage", "log"]

    private let variables: [(name: String, path: [String], value: String)]

    /// - Parameter environment: the environment.
    init(_ environment: [String: String]) {
        variables = environment.sorted { $0.key < $1.key }.compactMap { name, value in
            guard name.hasPrefix(Self.prefix) else { return nil }
            let path = name.dropFirst(Self.prefix.count).lowercased()
                .split(separator: "_", omittingEmptySubsequences: false).map(String.init)
            guard path.count > 1, Self.roots.contains(path[0]) else { return nil }
            return (name, path, value)
        }
    }

    /// Lays the variables over a file.
    /// - Parameter node: what the file says.
    /// - Returns: what holds.
    /// - Throws: ``ConfigurationError`` for a variable that can't be read, or has keys behind what has none.
    func over(_ node: Node) throws(ConfigurationError) -> Node {
        var node = node
        for variable in variables {
            let value = try Self.value(variable.name, variable.value)
            node = try Self.set(value, at: variable.path[...], in: node, variable.name)
        }
        return node
    }

    private static func value(_ name: String, _ text: String) throws(ConfigurationError) -> Node {
        guard let first = text.first, "[{\"'".contains(first) else { return mark(Node(text), name) }
        do {
            return mark(try Yams.compose(yaml: text) ?? Node(""), name)
        } catch {
            throw ConfigurationError(
                place: name,
                message:
                    "begins as YAML and is none (put a text that begins so into quotation marks): \(YAMLProblem.words(error))"
            )
        }
    }

    private static func set(
        _ value: Node, at path: ArraySlice<String>, in node: Node, _ name: String
    ) throws(ConfigurationError) -> Node {
        guard let key = path.first else { return value }
        var pairs: [(Node, Node)] = []
        switch node {
        case .mapping(let mapping): pairs = mapping.map { ($0.key, $0.value) }
        case .scalar(let scalar) where scalar.string.isEmpty || ["null", "~"].contains(scalar.string): break
        default:
            throw ConfigurationError(
                place: name, message: "names a key within one that is no group of keys in the file")
        }
        let place = pairs.firstIndex { $0.0.string?.lowercased() == key }
        let old = place.map { pairs[$0].1 } ?? Node("")
        let new = try set(value, at: path.dropFirst(), in: old, name)
        if let place { pairs[place].1 = new } else { pairs.append((mark(Node(key), name), new)) }
        var mapping = Node.Mapping(pairs)
        if case .mapping(let old) = node { mapping.mark = old.mark }
        return .mapping(mapping)
    }

    /// Has errors name the variable: as a tag, which nothing else here looks at.
    private static func mark(_ node: Node, _ name: String) -> Node {
        let tag = Tag(.init(rawValue: name))
        switch node {
        case .scalar(let scalar): return .scalar(.init(scalar.string, tag, scalar.style))
        case .sequence(let sequence): return .sequence(.init(sequence.map { mark($0, name) }, tag, sequence.style))
        case .mapping(let mapping):
            return .mapping(.init(mapping.map { (mark($0.key, name), mark($0.value, name)) }, tag, mapping.style))
        case .alias: return node
        }
    }

    /// The variable that a node is from; nil for the file.
    static func variable(of node: Node) -> String? {
        let tag =
            switch node {
            case .scalar(let scalar): scalar.tag
            case .sequence(let sequence): sequence.tag
            case .mapping(let mapping): mapping.tag
            case .alias(let alias): alias.tag
            }
        return tag.description.hasPrefix(prefix) ? tag.description : nil
    }
}
