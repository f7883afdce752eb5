import AuthService
import Credentials
import Crypto
import Foundation
import Yams

/// One mapping of a configuration file, read with the rules that zot's users know: keys without regard to case, numbers
/// that may stand as strings.
struct ConfigurationSection {
    /// The name of the file, for messages.
    let file: String
    /// The keys that lead here: `http.auth`.
    let path: String
    /// What may stand in it.
    let schema: SchemaValue
    private let pairs: [(key: Node, value: Node)]

    /// Takes a node that should be a mapping.
    init(file: String, path: String, node: Node, _ schema: SchemaValue) throws(ConfigurationError) {
        self.schema = schema
        self.file = file
        self.path = path
        switch node {
        case .mapping(let mapping): pairs = mapping.map { ($0.key, $0.value) }
        // An empty value: `log:` with nothing behind it.
        case .scalar(let scalar) where scalar.string.isEmpty || scalar.string == "null" || scalar.string == "~":
            pairs = []
        default:
            throw Self.error(file, path, node, "must be a group of keys")
        }
    }

    /// What tells whether a group says the same as another: a digest, as secrets may stand in it.
    var fingerprint: String {
        let text = (try? Yams.serialize(node: Node(pairs.map { ($0.key, $0.value) }))) ?? ""
        return SHA256.hash(data: Data(text.utf8)).hexadecimal
    }

    /// Refuses keys that are not in the schema.
    /// - Parameter notices: takes one notice for each of zot's keys that is there and does not concern Latchkey.
    func check(notices: inout [String]) throws(ConfigurationError) {
        var seen: Set<String> = []
        for (key, _) in pairs {
            let name = key.string ?? ""
            guard seen.insert(name.lowercased()).inserted else {
                throw Self.error(file, path(name), key, "stands twice (upper and lower case do not differ)")
            }
            if let known = schema.key(name) {
                guard case .skipped = known.value else { continue }
                notices.append("\(path(name)) is zot's and does not concern Latchkey: skipped")
                continue
            }
            let hint = NearestKey.find(name, among: schema.keys.map(\.name)).map { "; did you mean '\($0)'?" } ?? ""
            throw Self.error(file, path(name), key, "is a key that neither Latchkey nor zot knows\(hint)")
        }
    }

    /// The group of keys behind a key.
    func section(_ key: String) throws(ConfigurationError) -> ConfigurationSection? {
        guard let node = node(key) else { return nil }
        return try ConfigurationSection(
            file: file, path: path(key), node: node, schema.key(key)?.value.group ?? .group([]))
    }

    /// The text behind a key; nil if the key is missing or empty.
    func string(_ key: String) throws(ConfigurationError) -> String? {
        guard let node = node(key) else { return nil }
        guard case .scalar(let scalar) = node else { throw Self.error(file, path(key), node, "must be a text") }
        return scalar.string.isEmpty ? nil : scalar.string
    }

    /// The value behind a key, read by a function.
    func value<T>(
        _ key: String, _ what: String, _ read: (String) -> T?
    ) throws(ConfigurationError) -> T? {
        guard let text = try string(key), let node = node(key) else { return nil }
        guard let value = read(text) else {
            throw Self.error(file, path(key), node, veiled(key, "must be \(what), not '\(text)'"))
        }
        return value
    }

    /// The truth value behind a key.
    func bool(_ key: String) throws(ConfigurationError) -> Bool? {
        try value(key, "true or false") { Bool($0.lowercased()) }
    }

    /// The number behind a key.
    func integer(_ key: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
        try value(key, "a number from \(range.lowerBound) to \(range.upperBound)") { text in
            // As the schema for editors has it: Swift takes a sign too.
            text.utf8.allSatisfy { (0x30...0x39).contains($0) }
                ? Int(text).flatMap { range.contains($0) ? $0 : nil } : nil
        }
    }

    /// The duration behind a key.
    func duration(_ key: String) throws(ConfigurationError) -> Duration? {
        try value(key, "a duration: seconds, or a number with ms, s, m, h or d", DurationText.parse)
    }

    /// What is done with what the path behind a key names. A key of which the schema says nothing leads to no other folder than the file's.
    func pathUse(_ key: String) -> PathUse { schema.key(key)?.path ?? .output }

    /// The path behind a key, absolute.
    func path(_ key: String, _ paths: RelativePaths) throws(ConfigurationError) -> String? {
        try string(key).map { resolve($0, key, paths) }
    }

    /// The paths behind a key, absolute: a list, or one.
    func paths(_ key: String, _ paths: RelativePaths) throws(ConfigurationError) -> [String] {
        try strings(key).map { resolve($0, key, paths) }
    }

    /// A path that is, or stands within, the text behind a key.
    func resolve(_ text: String, _ key: String, _ paths: RelativePaths) -> String {
        paths.resolve(text, pathUse(key)) { error(key, $0) }
    }

    /// The texts behind a key: a list, or one text.
    func strings(_ key: String) throws(ConfigurationError) -> [String] {
        guard let node = node(key) else { return [] }
        guard case .sequence(let items) = node else { return try string(key).map { [$0] } ?? [] }
        var texts: [String] = []
        for item in items {
            guard case .scalar(let scalar) = item else { throw Self.error(file, path(key), item, "must be texts") }
            texts.append(scalar.string)
        }
        return texts
    }

    /// The groups of keys in the list behind a key.
    func sections(_ key: String) throws(ConfigurationError) -> [ConfigurationSection] {
        guard let node = node(key) else { return [] }
        guard case .sequence(let items) = node else {
            throw Self.error(file, path(key), node, "must be a list of groups of keys")
        }
        var sections: [ConfigurationSection] = []
        for (index, item) in items.enumerated() {
            sections.append(
                try ConfigurationSection(
                    file: file, path: "\(path(key))[\(index)]", node: item, schema.key(key)?.value.element ?? .group([])
                ))
        }
        return sections
    }

    /// The groups of keys of a group in which keys are names of the operator's choice: upper and lower case are told apart.
    func members() throws(ConfigurationError) -> [(name: String, section: ConfigurationSection)] {
        var (members, seen): ([(String, ConfigurationSection)], Set<String>) = ([], [])
        for (key, value) in pairs {
            let name = key.string ?? ""
            guard seen.insert(name).inserted else { throw Self.error(file, path(name), key, "stands twice") }
            members.append(
                (
                    name,
                    try ConfigurationSection(file: file, path: path(name), node: value, schema.element ?? .group([]))
                ))
        }
        return members
    }

    /// Refuses keys of zot's that mean security: to pass over them would leave a door open that somebody has shut.
    /// - Parameter reasons: what is missing here, by key.
    func refuse(_ reasons: KeyValuePairs<String, String>) throws(ConfigurationError) {
        for (key, reason) in reasons where has(key) {
            throw error(key, "can't be honoured by this version, and must not be passed over: \(reason)")
        }
    }

    /// The values behind a key, each with the type that it is written in: `true` is a truth value, `"true"` a text.
    /// - Returns: a list, also where one stands alone.
    func typedValues(_ key: String) throws(ConfigurationError) -> [TypedScalar] {
        guard let node = node(key) else { return [] }
        var nodes = [node]
        if case .sequence(let items) = node { nodes = Array(items) }
        var values: [TypedScalar] = []
        for item in nodes {
            guard case .scalar(let scalar) = item, let value = TypedScalar(scalar) else {
                throw Self.error(
                    file, path(key), item, "must be a text, true, false or a number below 2^53, or a list of them")
            }
            values.append(value)
        }
        return values
    }

    /// What stands behind a key, as it is written.
    func value(_ key: String) -> Node? { node(key) }

    /// All keys, as they are written.
    var keys: [String] { pairs.compactMap(\.key.string) }

    /// Whether a group of keys stands behind the key.
    func isGroup(_ key: String) -> Bool {
        if case .mapping = node(key) { true } else { false }
    }

    /// Whether the key is there.
    func has(_ key: String) -> Bool { node(key) != nil }

    /// An error at a key of this section.
    func error(_ key: String, _ message: String) -> ConfigurationError {
        let pair =
            pairs.first { $0.key.string == key } ?? pairs.first { $0.key.string?.lowercased() == key.lowercased() }
        return Self.error(file, path(key), pair?.value, veiled(key, message))
    }

    /// A message about a key of which nobody may see the value: whoever has written it, and whatever it quotes.
    private func veiled(_ key: String, _ message: String) -> String {
        guard schema.key(key)?.isSecret ?? false, let node = node(key) else { return message }
        return Self.texts(node).reduce(message) { $0.replacing($1, with: "(hidden)") }
    }

    /// All texts of a node, the longest first.
    private static func texts(_ node: Node) -> [String] {
        let texts: [String] =
            switch node {
            case .scalar(let scalar): [scalar.string]
            case .sequence(let sequence): sequence.flatMap { Self.texts($0) }
            case .mapping(let mapping): mapping.flatMap { Self.texts($0.key) + Self.texts($0.value) }
            case .alias: []
            }
        return texts.filter { !$0.isEmpty }.sorted { $0.utf8.count > $1.utf8.count }
    }

    private func node(_ key: String) -> Node? {
        pairs.first { $0.key.string?.lowercased() == key.lowercased() }?.value
    }

    private func path(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private static func error(_ file: String, _ path: String, _ node: Node?, _ message: String) -> ConfigurationError {
        // What the environment has set bears the variable's name (ConfigurationEnvironment).
        let variable = node.flatMap { ConfigurationEnvironment.variable(of: $0) }
        let place = variable ?? node?.mark.map { "\(file):\($0.line):\($0.column)" } ?? file
        return ConfigurationError(place: place, message: path.isEmpty ? message : "\(path) \(message)")
    }
}
