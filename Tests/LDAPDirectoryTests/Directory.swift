import Credentials
import LDAPDirectory
import Logging

/// What the tests of this target ask a directory.
enum Directory {
    static let users = "ou=Users,dc=example,dc=org"
    static let groups = "ou=Groups,dc=example,dc=org"

    /// A source for the directory of fixtures/ with short deadlines.
    static func source(
        _ urls: [String], _ change: (inout DirectoryOptions) -> Void = { _ in }
    ) -> DirectorySource {
        var options = DirectoryOptions(urls: urls, baseDN: users)
        options.serviceAccount = .init(
            bindDN: "cn=latchkey,dc=example,dc=org", password: Secret("service-password"))
        options.connectTimeout = .seconds(1)
        options.operationTimeout = .seconds(2)
        change(&options)
        return DirectorySource(options, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }
}

extension DirectorySource {
    /// The verdict in a word: the user name, or why not.
    func says(_ user: String, _ password: String) async -> String {
        switch await judge(.init(userName: UserName(user), secret: Secret(password))) {
        case .authenticated(let principal): principal.userName.text
        case .rejected(let reason, _): reason.rawValue
        case .unknownUser: "unknown"
        case .unavailable(let failure): "unavailable: \(failure.code.rawValue)"
        }
    }

    /// The short names of a user's groups, by a login.
    func groups(_ user: String, _ password: String) async -> [String] {
        guard
            case .authenticated(let principal) = await judge(.init(userName: UserName(user), secret: Secret(password)))
        else {
            return ["not authenticated"]
        }
        return principal.groups.map(\.name.text).sorted()
    }

    /// What a look-up comes to, in a word.
    func finds(_ user: String) async -> String {
        switch await lookUp(userName: UserName(user)) {
        case .found(let principal): principal.userName.text
        case .absent: "absent"
        case .disabled: "disabled"
        case .unavailable(let failure): "unavailable: \(failure.code.rawValue)"
        }
    }
}
