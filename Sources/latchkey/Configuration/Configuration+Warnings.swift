import AccessControl
import Credentials
import OpenIDConnect

extension Configuration {
    /// What is of no use in `http.accessControl`, as far as the configuration alone shows it: what `latchkey check` says without asking a source.
    ///
    /// Takes its time where there are very many patterns: not for an event loop.
    var accessWarnings: [String] {
        guard var access = access?.configuration else { return [] }
        access.authorities = groupAuthorities
        let naming = groupNaming
        return access.warnings + access.groupsNamed.compactMap { access.problem(withGroup: $0, naming) }
    }

    /// How the groups of providers and of issuers of tokens are named.
    var groupNaming: [GroupNaming] {
        (openID?.providers ?? []).map(\.groupNaming) + (bearer?.issuers ?? []).map(\.settings.naming)
    }
}

extension AccessConfiguration {
    /// Why a group that a policy names never applies, as far as the names alone show it.
    /// - Parameters:
    ///   - name: the group, as the policy writes it.
    ///   - naming: how the groups of others are named.
    /// - Returns: nil where it may apply.
    func problem(withGroup name: GroupName, _ naming: [GroupNaming]) -> String? {
        guard let (authority, stated) = authority(of: name) else { return nil }
        if groups[name] != nil {
            return "group \(name) of accessControl.groups never applies: the name is that of a group of \(authority)"
        }
        guard let here = naming.first(where: { $0.authority == authority })?.groups([stated]).first,
            here.authority == nil
        else { return nil }
        return "group \(name) never applies: what \(authority) calls \(stated) is \(here.name) here"
    }
}
