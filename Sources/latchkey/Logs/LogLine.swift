import Foundation

/// The forms of a log line. Whatever a client put into a value, it stays one line.
enum LogLine {
    /// Renders a line.
    static func render(
        _ format: Configuration.Log.Format, time: Date, level: String, message: String, fields: [(String, String)]
    ) -> String {
        let stamp = Timestamp.format(time)
        switch format {
        case .json:
            return json([("time", stamp), ("level", level), ("message", message)] + fields)
        case .text: return text("\(stamp) \(level) \(escape(message))", fields)
        case .journald: return text("<\(severity(level))>\(escape(message))", fields)
        }
    }

    /// Renders a line for a syslog daemon of this machine (RFC 3164, 4.1, without the host, as syslog(3) does).
    static func syslog(
        _ format: Configuration.Log.Format, time: Date, level: String, message: String, fields: [(String, String)]
    ) -> String {
        let priority = authentication << 3 | severity(level)
        let head = "<\(priority)>\(Timestamp.syslog(time)) latchkey[\(getpid())]: "
        guard format == .json else { return text(head + escape(message), fields) }
        return head + json([("level", level), ("message", message)] + fields)
    }

    /// LOG_AUTHPRIV: who logged in from where is nobody else's business.
    private static let authentication = 10

    /// The levels of syslog(3) for those of swift-log.
    private static func severity(_ level: String) -> Int {
        switch level {
        case "critical": 2
        case "error": 3
        case "warning": 4
        case "notice": 5
        case "info": 6
        default: 7
        }
    }

    private static func text(_ head: String, _ fields: [(String, String)]) -> String {
        fields.reduce(into: head) { line, field in line += " \(field.0)=\(quoteIfNeeded(field.1))" }
    }

    /// A JSON object of texts, its keys in the given order.
    static func json(_ fields: [(String, String)]) -> String {
        "{"
            + fields.map { "\"\(escape($0.0, quotes: true))\":\"\(escape($0.1, quotes: true))\"" }.joined(
                separator: ",") + "}"
    }

    private static func quoteIfNeeded(_ text: String) -> String {
        let escaped = escape(text, quotes: true)
        // What was escaped differs in its bytes.
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 } && escaped.utf8.elementsEqual(text.utf8)
        return isPlain ? text : "\"\(escaped)\""
    }

    /// Control characters as JSON writes them, and those that no eye sees and a viewer acts on: ends of lines and of paragraphs, and the format
    /// characters, which turn the direction of a line or hide between two letters; quotes and backslashes too where they would end the text.
    private static func escape(_ text: String, quotes: Bool = false) -> String {
        // Nearly every value is plain, and this is on the way of every request.
        let isPlain = text.utf8.allSatisfy {
            $0 >= 0x20 && $0 < 0x7F && (!quotes || ($0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")))
        }
        if isPlain { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"" where quotes, "\\" where quotes: escaped += "\\\(scalar)"
            case "\n": escaped += "\\n"
            case "\r": escaped += "\\r"
            case "\t": escaped += "\\t"
            case _ where isUnseen(scalar):
                // Beyond U+FFFF by two surrogates (RFC 8259, 7).
                for unit in UTF16.encode(scalar)?.map(\.self) ?? [] {
                    let digits = String(unit, radix: 16)
                    escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
