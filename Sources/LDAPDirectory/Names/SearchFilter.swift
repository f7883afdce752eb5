import Credentials

/// Search filters in their string form (RFC 4515).
public enum SearchFilter {
    /// What is wrong with a filter, so that an operator hears of it when the configuration is read and not at each login.
    /// - Parameter text: a filter, with or without its outer parentheses.
    /// - Returns: the problem and where it is; nil if the filter is well-formed.
    public static func problem(in text: String) -> String? {
        let text = text.hasPrefix("(") ? text : "(\(text))"
        var reader = SearchFilterReader(text)
        return reader.read()
    }

    /// Escapes a value for a filter: `*`, `(`, `)`, `\` and NUL as RFC 4515, 3 demands, and every byte that is not
    /// printable ASCII as well, so that no server has to guess at an encoding.
    /// - Parameter value: any text, from anybody.
    /// - Returns: text that stands for exactly this value in a filter.
    static func escape(_ value: String) -> String {
        var escaped = ""
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "*"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "\\"), ..<0x20, 0x7F...:
                escaped += byte.hexadecimalEscape
            default:
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return escaped
    }

    /// The filter that finds one user.
    /// - Parameters:
    ///   - attribute: the attribute that holds the user name.
    ///   - userName: the name, as the client sent it.
    ///   - userFilter: what else must hold, with or without its outer parentheses; nil for nothing.
    static func user(attribute: String, userName: UserName, userFilter: String?) -> String {
        all(["(\(attribute)=\(escape(userName.text)))", userFilter])
    }

    /// The filter that holds where each of several does.
    /// - Parameter filters: filters with or without their outer parentheses; nil and empty ones are left out.
    static func all(_ filters: [String?]) -> String {
        let parts = filters.compactMap { $0 }.filter { !$0.isEmpty }.map { $0.hasPrefix("(") ? $0 : "(\($0))" }
        return parts.count == 1 ? parts[0] : "(&\(parts.joined()))"
    }
}
