public import Credentials

/// One family of metrics, as Prometheus reads it.
public struct Metric: Sendable {
    /// What its numbers do.
    public enum Kind: String, Sendable {
        /// Only grows.
        case counter
        /// Goes up and down.
        case gauge
        /// How many were within each of some bounds.
        case histogram
    }

    /// One number of the family.
    public struct Sample: Sendable {
        /// What tells it from the others of its family, in order.
        public let labels: [(String, String)]
        /// The number.
        public let value: Double
        /// What follows the family's name: `_bucket`, `_sum` and `_count` of a histogram.
        let suffix: String

        /// A number.
        /// - Parameters:
        ///   - value: the number.
        ///   - labels: what tells it from the others of its family.
        public init(_ value: Double, _ labels: (String, String)...) {
            self.init(value, labels)
        }

        init(_ value: Double, _ labels: [(String, String)], suffix: String = "") {
            self.value = value
            self.labels = labels
            self.suffix = suffix
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

    /// A family of histograms.
    /// - Parameters:
    ///   - name: `latchkey_…_seconds`.
    ///   - help: what it counts, in a sentence.
    ///   - histograms: each with what tells it from the others.
    public init(_ name: String, help: String, histograms: [([(String, String)], LatencyHistogram)]) {
        let samples = histograms.flatMap { labels, histogram in
            var (within, samples): (Int, [Sample]) = (0, [])
            for (bound, count) in zip(LatencyHistogram.bounds, histogram.counts) {
                within += count
                samples.append(Sample(Double(within), labels + [("le", "\(bound)")], suffix: "_bucket"))
            }
            let count = Double(histogram.count)
            return samples + [
                Sample(count, labels + [("le", "+Inf")], suffix: "_bucket"),
                Sample(histogram.sum, labels, suffix: "_sum"), Sample(count, labels, suffix: "_count"),
            ]
        }
        self.init(name, .histogram, help: help, samples)
    }

    /// The family in the text format of Prometheus, version 0.0.4, or as OpenMetrics 1.0 has it, where the name of a counter's family is without `_total`.
    func text(isOpenMetrics: Bool) -> String {
        let family = isOpenMetrics && kind == .counter ? name.replacing(/_total$/, with: "") : name
        var text = "# HELP \(family) \(help)\n# TYPE \(family) \(kind.rawValue)\n"
        for sample in samples {
            let labels = sample.labels.map { "\($0)=\"\(Self.escape($1))\"" }.joined(separator: ",")
            let number =
                sample.value == sample.value.rounded() && abs(sample.value) < 1e15
                ? String(Int64(sample.value)) : String(sample.value)
            text += "\(name)\(sample.suffix)\(labels.isEmpty ? "" : "{\(labels)}") \(number)\n"
        }
        return text
    }

    private static func escape(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
