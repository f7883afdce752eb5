import AccessControl
import AuthService
import Credentials
import OpenIDConnect

extension Configuration {
    /// Who states groups of their own: the providers that people log in with, and the issuers of tokens.
    var groupAuthorities: Set<GroupName> {
        Set(
            (openID?.providers ?? []).map(\.groupNaming.authority)
                + (bearer?.issuers ?? []).map(\.settings.naming.authority))
    }

    /// How long a login at a provider, and a name of a certificate or a token, is good for.
    var loginValidFor: Duration { openID?.loginValidFor ?? OpenIDSection.Settings().loginValidFor }

    /// Who may do what.
    /// - Throws: `AccessProblem`, which the reader of the section has thrown before.
    func accessRules() throws -> AccessRules {
        guard var configuration = access?.configuration else { return .open(authorities: groupAuthorities) }
        configuration.authorities = groupAuthorities
        return try AccessRules(configuration)
    }

    /// The users whom an operator names: policies, groups of `accessControl`, administrators, who may read the metrics, and who somebody at a provider is.
    var usersNamed: Set<UserName> {
        var names = Set(access?.configuration.usersNamed ?? [])
        names.formUnion(keys.administrators?.users ?? [])
        names.formUnion(access?.metrics?.users ?? [])
        names.formUnion(openID?.links.values.map(\.self) ?? [])
        return names
    }

    /// Who may act on others' keys, with the groups and the names of groups of `accessControl`.
    /// - Returns: nil if nobody may.
    func keyAdministrators() throws -> AccessRules? {
        guard let policy = keys.administrators else { return nil }
        var rules = AccessConfiguration(adminPolicy: policy)
        if let access {
            rules.groups = access.configuration.groups
            rules.groupNames = access.configuration.groupNames
        }
        rules.authorities = groupAuthorities
        return try AccessRules(rules)
    }
}
