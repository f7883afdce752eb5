import Credentials

/// A group's name as one item of the field `Remote-Groups`: what would make it another group, or two, on its way is percent-encoded.
struct GroupListItem {
    /// The item.
    let text: String

    /// - Parameters:
    ///   - group: the group.
    ///   - authorities: who states groups of their own: a directory's group that is called as one of theirs is not theirs.
    init(_ group: Group, _ authorities: Set<GroupName>) {
        let name = Self.escaped(group.name.text)
        if let authority = group.authority {
            text = "\(authority):\(name)"
            return
        }
        guard !authorities.isEmpty, let colon = group.name.utf8.firstIndex(of: UInt8(ascii: ":")),
            authorities.contains(GroupName(String(group.name.text[..<colon])))
        else {
            text = name
            return
        }
        text = name.replacing(":", with: "%3A", maxReplacements: 1)
    }

    /// A comma would be the end of the item; a space at an end is no part of a field's value, and a control character becomes a space
    /// (RFC 9110, 5.5); what nobody sees makes two names look like one.
    private static func escaped(_ name: String) -> String {
        guard NameProblem(of: name, maximumLength: .max) != nil || name.utf8.contains(where: isMark) else {
            return name
        }
        let scalars = Array(name.unicodeScalars)
        let first = scalars.firstIndex { $0 != " " } ?? scalars.count
        let last = scalars.lastIndex { $0 != " " } ?? -1
        var text = ""
        for (index, scalar) in scalars.enumerated() {
            if index < first || index > last || isOdd(scalar) {
                for byte in String(scalar).utf8 { text += "%" + [byte].hexadecimal.uppercased() }
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    private static func isMark(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "%") || byte == UInt8(ascii: ",") }

    private static func isOdd(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "%" || scalar == "," || scalar != " " && NameProblem(of: String(scalar)) != nil
    }
}
