public import Credentials

/// Somebody as ``AccessRules`` see them: worked out once for a principal, asked for each request.
public struct AccessSubject: Sendable {
    /// The canonical user name; nil for somebody who has not shown who they are.
    public let userName: UserName?
    /// What their key is limited to.
    public let scopes: KeyScopes
    /// A bit for each group that a policy names.
    let groups: GroupSet
}

/// Some of the groups that policies name: a bit for each.
struct GroupSet: Sendable, Hashable {
    private var words: [UInt64] = []

    mutating func insert(_ index: Int) {
        while words.count <= index / 64 { words.append(0) }
        words[index / 64] |= 1 << UInt64(index % 64)
    }

    func contains(_ index: Int) -> Bool {
        index / 64 < words.count && words[index / 64] >> UInt64(index % 64) & 1 == 1
    }
}
