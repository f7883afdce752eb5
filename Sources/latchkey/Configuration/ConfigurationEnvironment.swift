import Yams

/// Keys of the configuration that stand in the environment: `LATCHKEY_HTTP_PORT` is `http.port`. They count before the file's.
///
/// No key has an underscore, so that each variable names one key. A value that begins with `[`, `{` or a quotation mark is YAML, such as a list; any other is
/// a text as it is. So is a secret that begins so: a password may look like anything, and only one in quotation marks is what stands between them.
struct ConfigurationEnvironment {
    private static let prefix = "LATCHKEY_"
    /// The groups that a variable may begin with; others of that prefix mean something else.
    private static let roots: Set = ["http", "storage", "log"]

    private let variables: [(name: String, path: [String], value: String)]
    /// What the operator should know: variables that name no key, and nearly do.
    let notices: [String]

    /// - Parameter environment: the environment.
    init(_ environment: [String: String]) {
        var (variables, notices): ([(name: String, path: [String], value: String)], [String]) = ([], [])
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix(Self.prefix) {
            let path = name.dropFirst(Self.prefix.count).lowercased()
                .split(separator: "_", omittingEmptySubsequences: false).map(String.init)
            if path.count > 1, Self.roots.contains(path[0]) {
                variables.append((name, path, value))
            } else if let hint = Self.hint(path, value) {
                notices.append(
                    "the variable \(name) names no key of the configuration and is passed over; did you mean \(hint)?")
            }
        }
        (self.variables, self.notices) = (variables, notices)
    }

    /// What somebody has probably meant.
    /// - Returns: nil for a variable that is likely to mean something else, such as those that Kubernetes sets for a service called latchkey.
    private static func hint(_ path: [String], _ value: String) -> String? {
        guard !value.hasPrefix("tcp://"), !value.hasPrefix("udp://") else { return nil }
        if path.count > 1, let root = NearestKey.find(path[0], among: roots.sorted()) {
            return prefix + ([root] + path.dropFirst()).joined(separator: "_").uppercased()
        }
        for root in roots.sorted() {
            guard let key = ConfigurationSchema.key(at: [root, path[0]]) else { continue }
            if case .skipped = key.value { continue }
            guard path.dropFirst().first?.allSatisfy(\.isNumber) != true else { return nil }
            return prefix + ([root] + path).joined(separator: "_").uppercased()
        }
        return nil
    }

    /// Lays the variables over a file.
    /// - Parameter node: what the file says.
    /// - Returns: what holds.
    /// - Throws: ``ConfigurationError`` for a variable that can't be read, or has keys behind what has none.
    func over(_ node: Node) throws(ConfigurationError) -> Node {
        var node = node
        for variable in variables {
            let value = try Self.value(variable.name, variable.path, variable.value)
            node = try Self.set(value, at: variable.path[...], in: node, variable.name)
        }
        return node
    }

    private static func value(_ name: String, _ path: [String], _ text: String) throws(ConfigurationError) -> Node {
        guard let first = text.first, "[{\"'".contains(first) else { return mark(Node(text), name) }
        if ConfigurationSchema.key(at: path)?.isSecret ?? false { return mark(secret(text), name) }
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

    /// A secret: only what is wholly in quotation marks is YAML.
    private static func secret(_ text: String) -> Node {
        guard let node = try? Yams.compose(yaml: text), case .scalar(let scalar) = node,
            [.singleQuoted, .doubleQuoted].contains(scalar.style)
        else { return Node(text, .implicit, .singleQuoted) }
        return node
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
