// The code of Sources/LDAPDirectory/LDAPDirectory.docc/ADirectoryOfPeople.md: ArticlesTests compares the two.
import Credentials
import LDAPDirectory
import Logging

enum LDAPDirectoryArticle {
    static func use(servicePassword: String) async {
        var options = DirectoryOptions(
            urls: ["ldaps://ldap1.example.org", "ldaps://ldap2.example.org"], baseDN: "ou=Users,dc=example,dc=org")
        options.serviceAccount = .init(bindDN: "cn=app,dc=example,dc=org", password: Secret(servicePassword))
        options.userAttribute = "uid"
        options.groups.attribute = "memberOf"
        options.groups.required = ["staff"]

        let directory = DirectorySource(options, logger: Logger(label: "app"))

        switch await directory.judge(BasicCredential(userName: "ann", secret: Secret("open sesame"))) {
        case .authenticated(let principal): print(principal.userName, principal.groups.map(\.name))
        case .rejected(let reason, of: let userName): print("no:", reason.rawValue, userName ?? "")
        case .unknownUser: print("nobody of that name")
        case .unavailable(let failure): print("nobody can tell right now:", failure)
        }

        for finding in await directory.examine() {
            print(finding.server, finding.step.rawValue, finding.problem ?? "fine", finding.detail)
        }
        for server in directory.servers { print(server.url, server.state.rawValue, server.failures) }
    }
}
