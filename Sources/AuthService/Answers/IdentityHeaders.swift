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
    ///   - authorities: who states groups of their own.
    init(_ principal: Principal, maximumBytes: Int, authorities: Set<GroupName>) {
        var room = max(0, maximumBytes - principal.userName.utf8.count)
        func fitting(_ value: String?) -> String {
            guard let value, value.utf8.count <= room else { return "" }
            room -= value.utf8.count
            return value
        }
        // An address that a field would change is another one to the application, which may know people by it.
        let email = fitting(principal.email.flatMap { NameProblem(of: $0) == nil ? $0 : nil })
        let name = fitting(principal.displayName)
        var (groups, left) = ("", 0)
        for group in principal.groups {
            let item = GroupListItem(group, authorities).text
            let size = item.utf8.count + (groups.isEmpty ? 0 : 1)
            guard size <= room else {
                left += 1
                continue
            }
            room -= size
            groups += groups.isEmpty ? item : ",\(item)"
        }
        let values = [
            (FieldNames.remoteUser, principal.userName.text), (FieldNames.remoteGroups, groups),
            (FieldNames.remoteName, name), (FieldNames.remoteEmail, email),
        ]
        fields = HTTPFields(
            values.compactMap { name, value in name.map { HTTPField(name: $0, value: value) } } + Self.caching)
        groupsLeftOut = left
    }
}
