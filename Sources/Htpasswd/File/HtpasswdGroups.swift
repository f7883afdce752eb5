public import Credentials

/// A group file in the form of Apache's AuthGroupFile: `group: user user …` a line.
///
/// A group may stand on several lines. What can't be read is passed over, as Apache does.
public struct HtpasswdGroups: Sendable, Equatable {
    private let groups: [UserName: [GroupName]]
    /// The members of each group, by its name.
    public var members: [GroupName: [UserName]] {
        groups.reduce(into: [:]) { members, entry in
            for group in entry.value { members[group, default: []].append(entry.key) }
        }
    }

    /// Reads the content of a file.
    /// - Parameter bytes: the content.
    public init(bytes: [UInt8]) {
        var groups: [UserName: [GroupName]] = [:]
        for line in bytes.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            let text = String(decoding: line, as: UTF8.self)
            let parts = text.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let word = parts[0].split(whereSeparator: \.isWhitespace).first,
                !word.hasPrefix("#")
            else { continue }
            let group = GroupName(String(word))
            for word in parts[1].split(whereSeparator: \.isWhitespace) {
                let user = UserName(String(word))
                if groups[user]?.contains(group) == true { continue }
                groups[user, default: []].append(group)
            }
        }
        self.groups = groups
    }

    /// The groups of a user, in the order of the file.
    /// - Parameter userName: the user's name.
    /// - Returns: their names; none for somebody who is in no group.
    public func groups(of userName: UserName) -> [GroupName] { groups[userName] ?? [] }
}
