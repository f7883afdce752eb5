/// What may stand behind a key of the configuration.
indirect enum SchemaValue: Sendable {
    /// Some keys.
    case group([SchemaKey])
    /// Names of the operator's choice, each with the same behind it.
    case named(SchemaValue)
    /// A list, or one of it.
    case list(SchemaValue)
    /// One or the other.
    case either(SchemaValue, SchemaValue)
    case text
    /// One of some words.
    case word([String])
    case number(ClosedRange<Int>)
    case bool
    case duration
    case size
    /// zot's, which says nothing to Latchkey: it is passed over with a notice.
    case skipped
    /// zot's, which can't be honoured and must not be passed over.
    case refused

    static let texts = SchemaValue.list(.text)

    /// The keys of a group.
    var keys: [SchemaKey] { if case .group(let keys) = self { keys } else { [] } }

    /// A key of a group, without regard to case.
    func key(_ name: String) -> SchemaKey? { keys.first { $0.name.lowercased() == name.lowercased() } }

    /// What is read as a group of keys here.
    var group: SchemaValue? {
        switch self {
        case .group, .named: self
        case .either(let first, let second): first.group ?? second.group
        default: nil
        }
    }

    /// What each of a list, or behind each name, is.
    var element: SchemaValue? {
        switch self {
        case .list(let value), .named(let value): value
        default: nil
        }
    }
}

/// A key of the configuration: the reader takes no other, and the schema for editors and `config print` say what is here.
struct SchemaKey: Sendable {
    let name: String
    let value: SchemaValue
    let help: String
    /// What it is without a word of the operator, as YAML; nil for nothing. `{}` for a group whose keys hold all the same.
    let usual: String?
    /// Whether it is never printed.
    let isSecret: Bool
    /// What is done with the file, folder or socket that it names; nil if it names none.
    let path: PathUse?

    init(
        _ name: String, _ value: SchemaValue, _ help: String, usual: String? = nil, isSecret: Bool = false,
        path: PathUse? = nil
    ) {
        self.name = name
        self.value = value
        self.help = help
        self.usual = usual
        self.isSecret = isSecret
        self.path = path
    }

    /// Those of zot's keys that are passed over.
    static func skipped(_ names: String...) -> [SchemaKey] {
        names.map { SchemaKey($0, .skipped, "zot's; it does not concern Latchkey.") }
    }
}
