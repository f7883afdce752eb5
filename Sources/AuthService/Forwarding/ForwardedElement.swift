/// What one proxy has put down in `Forwarded` (RFC 7239, 4).
struct ForwardedElement {
    private let pairs: [(name: String, value: String)]

    /// The elements of all lines, first proxy first.
    static func all(_ fields: any RequestFields) -> [ForwardedElement] {
        fields.values(of: ForwardingField.forwarded.rawValue).flatMap { split($0[...], ",") }.map {
            ForwardedElement($0)
        }
    }

    private init(_ text: Substring) {
        pairs = Self.split(text, ";").compactMap { pair in
            let parts = pair.trimmingSpaces().split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            return (parts[0].lowercased(), Self.unquoted(parts[1]))
        }
    }

    /// The value of a parameter; nil if it is not there, or twice.
    func value(of name: String) -> String? {
        let found = pairs.filter { $0.name == name }
        return found.count == 1 ? found[0].value : nil
    }

    /// Splits where no quotes are open.
    private static func split(_ text: Substring, _ separator: Character) -> [Substring] {
        var (pieces, start, isQuoted, isEscaped): ([Substring], Substring.Index, Bool, Bool) = (
            [], text.startIndex, false, false
        )
        for index in text.indices {
            switch text[index] {
            case _ where isEscaped: isEscaped = false
            case "\\" where isQuoted: isEscaped = true
            case "\"": isQuoted.toggle()
            case separator where !isQuoted:
                pieces.append(text[start..<index])
                start = text.index(after: index)
            default: break
            }
        }
        return pieces + [text[start...]]
    }

    /// A token, or what a quoted-string says.
    private static func unquoted(_ text: Substring) -> String {
        guard text.first == "\"", text.last == "\"", text.count > 1 else { return String(text) }
        var (value, isEscaped) = ("", false)
        for character in text.dropFirst().dropLast() {
            if character == "\\", !isEscaped {
                isEscaped = true
            } else {
                value.append(character)
                isEscaped = false
            }
        }
        return value
    }
}
