import Credentials
import HTTPTypes

/// Who it is, as header fields that a reverse proxy hands on.
///
/// All four are always there, empty where there is nothing to say: a proxy that copies only what is there would let the
/// client's own field through (CVE-2026-30851).
final class IdentityHeaders: Sendable {
    /// `Remote-User`, `Remote-Groups`, `Remote-Name` and `Remote-Email`.
    let fields: HTTPFields
    /// How many groups there was no room for.
    let groupsLeftOut: Int

    /// The fields where nobody in particular is let in: empty, so that none of the client's own lives.
    static let nobody: HTTPFields = {
        let names = [FieldNames.remoteUser, FieldNames.remoteGroups, FieldNames.remoteName, FieldNames.remoteEmail]
        return HTTPFields(names.compactMap { $0.map { HTTPField(name: $0, value: "") } } + caching)
    }()

    /// No cache keeps what was said of one credential, and none gives it to another (RFC 9111, 5.2.2.5; RFC 9110, 12.5.5).
    static let caching = [
        HTTPField(name: .cacheControl, value: "no-store"), HTTPField(name: .vary, value: "Authorization, Cookie"),
    ]

    /// - Parameters:
    ///   - principal: who it is.
    ///   - maximumBytes: how many bytes the four values may have together. A name or an address that takes more than what is
    ///     left is left empty, groups are left out whole, the last ones first. The user name always stays.
    init(_ principal: Principal, maximumBytes: Int) {
        var room = max(0, maximumBytes - principal.userName.utf8.count)
        func fitting(_ value: String?) -> String {
            guard let value, value.utf8.count <= room else { return "" }
            room -= value.utf8.count
            return value
        }
        let (email, name) = (fitting(principal.email), fitting(principal.displayName))
        var (groups, left) = ("", 0)
        for group in principal.groups {
            let item = Self.listItem(group.name)
            let size = item.utf8.count + (groups.isEmpty ? 0 : 1)
            guard size <= room else {
                left += 1
                continue
            }
            room -= size
            groups += groups.isEmpty ? item : ",\(item)"
        }
        let values = [
            (FieldNames.remoteUser, principal.userName), (FieldNames.remoteGroups, groups),
            (FieldNames.remoteName, name), (FieldNames.remoteEmail, email),
        ]
        fields = HTTPFields(
            values.compactMap { name, value in name.map { HTTPField(name: $0, value: value) } } + Self.caching)
        groupsLeftOut = left
    }

    /// A group's name may hold a comma (`cn=a\,admins`): as it stands it would be two groups to the proxy behind. A space at
    /// an end, which HTTP drops from a field, would make it another group.
    private static func listItem(_ name: String) -> String {
        var item = name
        if name.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: ",") }) {
            item = name.replacing("%", with: "%25").replacing(",", with: "%2C")
        }
        let space = UInt8(ascii: " ")
        guard item.utf8.first == space || item.utf8.last == space else { return item }
        let inner = item.utf8.drop { $0 == space }
        let leading = item.utf8.count - inner.count
        let trailing = inner.reversed().prefix { $0 == space }.count
        let text = String(decoding: inner.dropLast(trailing), as: UTF8.self)
        return String(repeating: "%20", count: leading) + text + String(repeating: "%20", count: trailing)
    }
}
