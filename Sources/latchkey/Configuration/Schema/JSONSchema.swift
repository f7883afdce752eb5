import AuthService
import Foundation

/// The configuration's keys as a JSON Schema (draft 2020-12), by which editors complete and check.
///
/// Latchkey itself takes keys in any case, and numbers that stand as strings; the schema has each key in its usual spelling.
enum JSONSchema {
    /// The whole document.
    /// - Throws: never in fact: it holds nothing but texts, numbers and lists.
    static func document() throws -> Data {
        var root = object(ConfigurationSchema.root)
        root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        root["title"] = "Latchkey \(Version.current)"
        return try JSONSerialization.data(
            withJSONObject: root, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    }

    private static func object(_ keys: [SchemaKey]) -> [String: Any] {
        var properties: [String: Any] = [:]
        for key in keys {
            var property = schema(key.value)
            property["description"] = key.help
            if let usual = key.usual { property["default"] = usual }
            if case .skipped = key.value { property["deprecated"] = true }
            if key.isSecret { property["writeOnly"] = true }
            properties[key.name] = property
        }
        return ["type": "object", "properties": properties, "additionalProperties": false]
    }

    private static func schema(_ value: SchemaValue) -> [String: Any] {
        switch value {
        case .group(let keys): object(keys)
        case .named(let value): ["type": "object", "additionalProperties": schema(value)]
        case .list(let value): ["anyOf": [["type": "array", "items": schema(value)], schema(value)]]
        case .either(let first, let second): ["anyOf": [schema(first), schema(second)]]
        case .text: ["type": ["string", "number", "boolean"]]
        case .word(let words): ["anyOf": [["enum": words + words.compactMap(plain)]]]
        case .number(let range):
            [
                "type": ["integer", "string"], "minimum": range.lowerBound, "maximum": range.upperBound,
                "pattern": NumberPattern.of(range),
            ]
        case .bool: ["enum": [true, false, "true", "false"] as [Any]]
        case .duration:
            ["type": ["number", "string"], "minimum": 0, "pattern": DurationText.pattern]
        case .size: ["type": ["integer", "string"], "minimum": 0, "pattern": SizeText.pattern]
        case .skipped: [:]
        // Nothing fits.
        case .refused: ["not": [String: Any]()]
        }
    }

    /// What YAML makes of a word without quotation marks: 1.2 is a number, and true no text.
    private static func plain(_ word: String) -> Any? {
        if let truth = Bool(word) { return truth }
        return Double(word)
    }
}
