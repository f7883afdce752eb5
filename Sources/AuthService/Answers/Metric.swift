/// One family of metrics, as Prometheus reads it.
public struct Metric: Sendable {
    /// What its numbers do.
    public enum Kind: String, Sendable {
        /// Only grows.
        case counter
        /// Goes up and down.
        case gauge
    }

    /// One number of the family.
    public struct Sample: Sendable {
        /// What tells it from the others of its family, in order.
        public let labels: [(String, String)]
        /// The number.
        public let value: Double

        /// A number.
        /// - Parameters:
        ///   - value: the number.
        ///   - labels: what tells it from the others of its family.
        public init(_ value: Double, _ labels: (String, String)...) {
            self.value = value
            self.labels = labels
        }
    }

    /// Its name, `latchkey_…`; that of a counter ends in `_total`.
    public let name: String
    /// What it counts, in a sentence.
    public let help: String
    /// What its numbers do.
    public let kind: Kind
    /// Its numbers.
    public let samples: [Sample]

    /// A family.
    /// - Parameters:
    ///   - name: `latchkey_…`; that of a counter ends in `_total`.
    ///   - kind: what its numbers do.
    ///   - help: what it counts, in a sentence.
    ///   - samples: its numbers.
    public init(_ name: String, _ kind: Kind = .counter, help: String, _ samples: [Sample]) {
        self.name = name
        self.kind = kind
        self.help = help
        self.samples = samples
    }

    /// The family in the text format of Prometheus, version 0.0.4.
    var text: String {
        var text = "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
        for sample in samples {
            let labels = sample.labels.map { "\($0)=\"\(Self.escape($1))\"" }.joined(separator: ",")
            let number =
                sample.value == sample.value.rounded() && abs(sample.value) < 1e15
                ? String(Int64(sample.value)) : String(sample.value)
            text += "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(number)\n"
        }
        return text
    }

    private static func escape(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
