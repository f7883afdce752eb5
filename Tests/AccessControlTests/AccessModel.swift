import AccessControl
import Credentials

/// A second, naive implementation of docs/access.md: no index, no compiled pattern, no numbers, strings alone. The real one is held
/// against it.
struct AccessModel {
    let configuration: AccessConfiguration

    // MARK: Patterns

    static func matches(_ pattern: String, _ name: String) -> Bool {
        let components = name.utf8.split(separator: UInt8(ascii: "/")).map { Array($0) }
        return expand(Array(pattern.utf8)).contains { segments($0[...], components[...]) }
    }

    /// Writes braces out, the first pair first.
    private static func expand(_ pattern: [UInt8]) -> [[UInt8]] {
        guard let open = outside(UInt8(ascii: "{"), pattern, 0) else { return [pattern] }
        var (parts, start, level, index): ([[UInt8]], Int, Int, Int) = ([], open + 1, 1, open + 1)
        while level > 0 {
            switch pattern[index] {
            case UInt8(ascii: "\\"): index += 1
            case UInt8(ascii: "["): index = classEnd(pattern, index) - 1
            case UInt8(ascii: "{"): level += 1
            case UInt8(ascii: "}") where level > 1: level -= 1
            case UInt8(ascii: ","), UInt8(ascii: "}"):
                guard level == 1 else { break }
                parts.append(Array(pattern[start..<index]))
                start = index + 1
                if pattern[index] == UInt8(ascii: "}") { level = 0 }
            default: break
            }
            index += 1
        }
        return parts.flatMap { expand(Array(pattern[..<open]) + $0 + Array(pattern[index...])) }
    }

    private static func outside(_ wanted: UInt8, _ pattern: [UInt8], _ from: Int) -> Int? {
        var index = from
        while index < pattern.count {
            if pattern[index] == wanted { return index }
            index =
                pattern[index] == UInt8(ascii: "\\")
                ? index + 2 : pattern[index] == UInt8(ascii: "[") ? classEnd(pattern, index) : index + 1
        }
        return nil
    }

    private static func classEnd(_ pattern: [UInt8], _ open: Int) -> Int {
        var index = open + 1
        while pattern[index] != UInt8(ascii: "]") { index += pattern[index] == UInt8(ascii: "\\") ? 2 : 1 }
        return index + 1
    }

    private static func segments(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<[UInt8]>) -> Bool {
        let slash = outside(UInt8(ascii: "/"), Array(pattern), 0).map { pattern.startIndex + $0 }
        let (first, rest) = (pattern[..<(slash ?? pattern.endIndex)], slash.map { pattern[($0 + 1)...] })
        if first.elementsEqual("**".utf8) {
            guard let rest else { return true }
            return (0...name.count).contains { segments(rest, name.dropFirst($0)) }
        }
        guard let component = name.first, text(first, component[...]) else { return false }
        guard let rest else { return name.count == 1 }
        // `team/**` takes `team` too.
        return name.count > 1 || rest.elementsEqual("**".utf8) || rest.starts(with: "**/".utf8)
            ? segments(rest, name.dropFirst()) : false
    }

    private static func text(_ pattern: ArraySlice<UInt8>, _ rest: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return rest.isEmpty }
        switch first {
        case UInt8(ascii: "*"): return (0...rest.count).contains { text(pattern.dropFirst(), rest.dropFirst($0)) }
        case UInt8(ascii: "?"): return !rest.isEmpty && text(pattern.dropFirst(), rest.dropFirst())
        case UInt8(ascii: "\\"):
            return rest.first == pattern.dropFirst().first && text(pattern.dropFirst(2), rest.dropFirst())
        case UInt8(ascii: "["):
            let end = pattern.startIndex + classEnd(Array(pattern), 0)
            var items = Array(pattern[(pattern.startIndex + 1)..<(end - 1)])
            let isInverted = items.first == UInt8(ascii: "^") || items.first == UInt8(ascii: "!")
            if isInverted { items.removeFirst() }
            guard let character = rest.first else { return false }
            var (isIn, index) = (false, 0)
            while index < items.count {
                if index + 2 < items.count, items[index + 1] == UInt8(ascii: "-") {
                    isIn = isIn || (items[index]...items[index + 2]).contains(character)
                    index += 3
                } else {
                    isIn = isIn || items[index] == character
                    index += 1
                }
            }
            return isIn != isInverted && text(pattern[end...], rest.dropFirst())
        default: return rest.first == first && text(pattern.dropFirst(), rest.dropFirst())
        }
    }

    // MARK: Rules

    func allows(_ principal: Principal?, _ action: Action, _ repository: String) -> Bool {
        if case .apiKey(_, let scopes)? = principal?.method, !scopes.isEmpty,
            !scopes.contains(where: { $0.text == "*" })
        {
            guard scopes.contains(where: { leaves($0.text, action, repository) }) else { return false }
        }
        let taking = configuration.repositories.filter { Self.matches($0.pattern, repository) }
        if let longest = taking.max(by: { $0.pattern.utf8.count < $1.pattern.utf8.count }) {
            guard let principal else { return longest.anonymousPolicy.contains(action) }
            if longest.defaultPolicy.contains(action) { return true }
            if longest.policies.contains(where: { $0.actions.contains(action) && names($0, principal) }) { return true }
        }
        guard let principal, let admin = configuration.adminPolicy else { return false }
        return admin.actions.contains(action) && names(admin, principal)
    }

    private func leaves(_ scope: String, _ action: Action, _ repository: String) -> Bool {
        let parts = scope.split(separator: ":").map(String.init)
        let actions =
            parts.count > 1 ? parts[1].split(separator: ",").map(String.init) : Action.allCases.map(\.rawValue)
        return actions.contains(action.rawValue) && Self.matches(parts[0], repository)
    }

    private func names(_ policy: AccessConfiguration.Policy, _ principal: Principal) -> Bool {
        if policy.users.contains(principal.userName) { return true }
        return policy.groups.contains { name in
            if configuration.groups[name]?.contains(principal.userName) == true { return true }
            // `AUTHORITY:NAME` is the group of that provider, and of nobody else; a provider's group has no other name.
            let parts = name.text.split(separator: ":", maxSplits: 1).map(String.init)
            let isOfProvider = parts.count == 2 && configuration.authorities.contains(GroupName(parts[0]))
            return principal.groups.contains { group in
                if let authority = group.authority {
                    return isOfProvider && authority.text == parts[0] && group.name.text == parts[1]
                }
                guard !isOfProvider else { return false }
                guard let dn = group.distinguishedName else { return group.name == name }
                let byDN = dn.lowercased() == name.text.replacing(" ", with: "").lowercased()
                let byShort = group.name.text.lowercased() == name.text.lowercased()
                return switch configuration.groupNames {
                case .dn: byDN
                case .short: byShort
                case .both: byDN || byShort
                }
            }
        }
    }
}
