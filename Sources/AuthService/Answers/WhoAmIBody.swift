import Credentials
import Foundation

/// The principal as JSON.
struct WhoAmIBody: Encodable {
    struct Key: Encodable {
        var uuid: String
        var scopes: [String]
    }

    var userName: UserName
    var groups: [String]
    var source: String
    var method: String
    var displayName: String?
    var email: String?
    var apiKey: Key?

    init(_ principal: Principal) {
        userName = principal.userName
        groups = principal.groups.map { $0.distinguishedName ?? $0.qualifiedName.text }
        source = principal.source.rawValue
        method = principal.method.name
        displayName = principal.displayName
        email = principal.email
        if case .apiKey(let id, let scopes) = principal.method {
            apiKey = Key(uuid: id.uuidString.lowercased(), scopes: scopes.map(\.text))
        }
    }
}
