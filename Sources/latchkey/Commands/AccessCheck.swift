import AccessControl
import Credentials
import Foundation
import Htpasswd
import LDAPDirectory

/// What `latchkey check` says of `http.accessControl`: what each group of a policy means, and which policies can never apply.
struct AccessCheck {
    /// How many names of users are asked for: enough for every policy that people write by hand.
    private static let maximumUsers = 200

    let settings: AccessSection.Settings
    /// The members of each group of the group file.
    let groupFile: [GroupName: [UserName]]
    let htpasswd: HtpasswdTable?
    let directory: DirectorySource?
    /// How the groups of providers and of issuers of tokens are named.
    let naming: [GroupNaming]
    /// Further groups that somebody named: of those who may act on others' keys.
    let others: [GroupName]
    /// Further names of users: of those, and of who may read the metrics.
    let otherUsers: Set<UserName>
    /// Whether people log in at providers, of which nobody gets a name that rules name and that nobody has.
    let hasProviders: Bool

    func run() async -> [CheckResult] {
        let warnings = settings.configuration.warnings.map { CheckResult(what: "access", verdict: .note, text: $0) }
        var results = warnings
        for name in Set(settings.configuration.groupsNamed + others).sorted() { results.append(await group(name)) }
        let users = otherUsers.union(settings.configuration.usersNamed).sorted()
        for name in users.prefix(Self.maximumUsers) {
            if let result = await user(name) { results.append(result) }
        }
        let count = settings.configuration.repositories.count
        return [.init(what: "access", verdict: .ok, text: "\(count) pattern(s)")] + results
    }

    private func group(_ name: GroupName) async -> CheckResult {
        if let (authority, stated) = settings.configuration.authority(of: name) {
            if let problem = settings.configuration.problem(withGroup: name, naming) {
                return .init(what: "access", verdict: .note, text: problem)
            }
            return .init(
                what: "access", verdict: .ok, text: "group \(name) is what \(authority) calls \(stated)")
        }
        var means: [String] = []
        for naming in naming {
            let stated = naming.bare.filter { $0.value == name }.keys.sorted().map(\.text)
            if !stated.isEmpty { means.append("\(stated.joined(separator: ", ")) of \(naming.authority)") }
            if naming.isTrusted { means.append("what \(naming.authority) calls so (trustGroups)") }
        }
        var isKnowable = true
        if let users = settings.configuration.groups[name] {
            means.append("accessControl.groups: \(users.map(\.text).joined(separator: ", "))")
        }
        if let members = groupFile[name] {
            means.append("the group file: \(members.sorted().map(\.text).joined(separator: ", "))")
        }
        let isName = DistinguishedName(name.text) != nil
        if let directory,
            isName ? settings.configuration.groupNames != .short : settings.configuration.groupNames != .dn
        {
            switch await directory.findGroups(named: name.text) {
            case .found(let names): means += names.map { "the directory: \($0)" }
            case .absent: break
            case .unknowable: isKnowable = false
            case .unavailable(let failure):
                return .init(what: "access", verdict: .unavailable, text: "group \(name): \(failure)")
            }
        }
        if !means.isEmpty {
            return .init(what: "access", verdict: .ok, text: "group \(name) is \(means.joined(separator: "; "))")
        }
        guard isKnowable else {
            return .init(
                what: "access", verdict: .note,
                text: "group \(name) may be one of the directory's: set ldap.groups to look")
        }
        return .init(
            what: "access", verdict: .note, text: "group \(name) is nowhere: its policies never apply\(hint(name))")
    }

    /// A name in the form that `groupNames` does not take is the likeliest slip.
    private func hint(_ name: GroupName) -> String {
        guard directory != nil else { return "" }
        switch (settings.configuration.groupNames, DistinguishedName(name.text) != nil) {
        case (.dn, false): return "; for a directory's group write its whole DN, or set groupNames: short"
        case (.short, true): return "; with groupNames: short write the name alone"
        default: return ""
        }
    }

    /// - Returns: nil for somebody whom a source knows.
    private func user(_ name: UserName) async -> CheckResult? {
        if htpasswd?.entry(of: name) != nil { return nil }
        guard htpasswd != nil || directory != nil || hasProviders else { return nil }
        switch await directory?.lookUp(userName: name) {
        case .found(let principal):
            guard principal.userName != name else { return nil }
            let text = "user \(name) is called \(principal.userName) in the directory: policies compare names exactly"
            return .init(what: "access", verdict: .note, text: text)
        case .disabled: return .init(what: "access", verdict: .note, text: "user \(name) may not log in")
        case .unavailable(let failure):
            return .init(what: "access", verdict: .unavailable, text: "user \(name): \(failure)")
        case .absent, nil:
            var text = "no source knows the user \(name)"
            if hasProviders {
                text +=
                    "; whoever logs in by that name first does not get it: link the person by identities, or set trustNames: true at their provider"
            }
            return .init(what: "access", verdict: .note, text: text)
        }
    }
}
