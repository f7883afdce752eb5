import Credentials

/// The blocking half of the source: finds people and tries their passwords. For a lane.
struct DirectoryClient: Sendable {
    let options: DirectoryOptions
    let servers: DirectoryServers
    private let groups: GroupFinder
    private let guarding: LockoutGuard?

    init(_ options: DirectoryOptions) {
        self.options = options
        servers = DirectoryServers(options)
        groups = GroupFinder(options.groups, servers)
        guarding = options.lockoutGuard.map { LockoutGuard(limit: $0, window: options.lockoutWindow) }
    }

    /// Finds the user and binds as the entry that was found.
    func judge(_ credential: BasicCredential, _ deadline: Deadline) -> Verdict {
        do throws(LDAPError) {
            return try verdict(on: credential, deadline)
        } catch {
            step("failed: \(error.detail)")
            return .unavailable(error.failure)
        }
    }

    /// Finds the user alone.
    func lookUp(_ userName: UserName, _ deadline: Deadline) -> UserLookup {
        lookUp(deadline) { () throws(LDAPError) in try find(userName, deadline) }
    }

    /// Finds whoever has an identity, wherever below the bases their entry is now.
    func lookUp(identity: Identity, _ deadline: Deadline) -> UserLookup {
        guard let filter = IdentityAttribute.filter(identity, identityAttributes), options.bindDNTemplate == nil else {
            // With a template there is no search: people are known by their names.
            return identity.userName.map { lookUp($0, deadline) } ?? .absent
        }
        let found = lookUp(deadline) { () throws(LDAPError) in
            let filter = SearchFilter.all([filter, options.userFilter])
            return try find(
                options.bases.map {
                    SearchRequest(base: $0, scope: options.scope, filter: filter, attributes: attributes, limit: 2)
                }, deadline)
        }
        // What else a filter of the operator's own wants of a person is only asked for together with their name.
        guard options.filter != nil, case .found(let principal) = found else { return found }
        guard case .found(let same) = lookUp(principal.userName, deadline), same.identity == identity else {
            return .absent
        }
        return found
    }

    private func lookUp(_ deadline: Deadline, _ find: () throws(LDAPError) -> Found) -> UserLookup {
        do throws(LDAPError) {
            switch try find() {
            case .nobody: return .absent
            case .several: return .disabled(nil)
            case .one(let entry, _):
                guard let principal = try principal(entry, deadline) else { return .disabled(nil) }
                guard AccountState.refusal(of: entry) == nil else { return .disabled(principal) }
                return groups.admits(principal.groups) ? .found(principal) : .disabled(principal)
            }
        } catch {
            return .unavailable(error.failure)
        }
    }

    /// Reads the first base, as the service account.
    func probe(_ deadline: Deadline) -> SourceState {
        let request = SearchRequest(base: options.bindDNTemplate == nil ? options.bases.first ?? "" : "")
        do throws(LDAPError) {
            _ = try servers.search(request, deadline)
            return .ready
        } catch {
            return .unavailable(error.failure)
        }
    }

    /// Closes what is idle, and probes servers that have rested.
    func maintain() {
        servers.maintain()
    }

    /// Reads the service account's file again if it has changed.
    /// - Throws: what is wrong with it; the account of before stays in force.
    func refreshServiceAccount() throws {
        try servers.refreshServiceAccount()
    }

    /// How each server is doing.
    var status: [DirectoryServerStatus] { servers.all().map(\.status) }

    private func verdict(on credential: BasicCredential, _ deadline: Deadline) throws(LDAPError) -> Verdict {
        if options.bindDNTemplate != nil { return try verdictByTemplate(on: credential, deadline) }
        switch try find(credential.userName, deadline) {
        case .nobody: return .unknownUser
        case .several: return .rejected(.ambiguousUser)
        case .one(let entry, let server):
            if let reason = AccountState.refusal(of: entry) {
                step("the entry itself says: \(reason.rawValue)")
                return .rejected(reason, of: canonicalName(entry))
            }
            let refusal = try bind(entry.name, preferring: server, deadline) {
                (connection, deadline) throws(LDAPError) in
                try connection.bind(entry.name, credential.secret, deadline)
            }
            if let refusal { return .rejected(refusal, of: canonicalName(entry)) }
            return try verdict(on: entry, deadline)
        }
    }

    /// Binds as the DN that the template makes, and reads the entry as that very user.
    private func verdictByTemplate(
        on credential: BasicCredential, _ deadline: Deadline
    ) throws(LDAPError) -> Verdict {
        guard case .name(let name) = UserQuery(credential.userName, options) else { return .unknownUser }
        var found: LDAPConnection.Entry?
        let refusal = try bind(name, preferring: nil, deadline) { (connection, deadline) throws(LDAPError) in
            let policy = try connection.bind(name, credential.secret, deadline)
            // A user who may not read their own entry is somebody all the same.
            found = try? connection.search(.init(base: name, attributes: attributes), deadline).first
            return policy
        }
        if let refusal { return .rejected(refusal) }
        let entry = found ?? .init(name: name, values: [:])
        if let reason = AccountState.refusal(of: entry) { return .rejected(reason) }
        return try verdict(on: entry, deadline)
    }

    /// Tries a password, unless one more failure could lock the account.
    /// - Returns: why it was refused; nil if it was not.
    private func bind(
        _ name: String, preferring server: DirectoryServer?, _ deadline: Deadline,
        _ body: (LDAPConnection, Deadline) throws(LDAPError) -> PasswordPolicyError?
    ) throws(LDAPError) -> RefusalReason? {
        guard guarding?.admits(name) ?? true else {
            step("no bind as '\(name)' is sent: lockoutGuard")
            return .lockoutGuard
        }
        do {
            let (policy, _) = try servers.with(.userBind, preferring: server, deadline, body)
            guarding?.succeeded(name)
            // OpenLDAP says yes to a password that must be changed, and then lets nothing else be done.
            step("bound as '\(name)'\(policy.map { ", but \($0.reason.rawValue)" } ?? "")")
            return policy == .changeAfterReset ? .passwordMustChange : nil
        } catch {
            guard let reason = error.refusalOfUserBind else {
                guarding?.undecided(name)
                throw error
            }
            step("\(error.detail) [\(reason.rawValue)]")
            return reason
        }
    }

    private func verdict(
        on entry: LDAPConnection.Entry, _ deadline: Deadline
    ) throws(LDAPError) -> Verdict {
        guard let principal = try principal(entry, deadline) else {
            step("the entry has no \(options.userAttribute) that the service account can read")
            return .rejected(.noUserName)
        }
        step("groups: \(principal.groups.map(\.name.text).joined(separator: ", "))")
        let isAdmitted = groups.admits(principal.groups)
        return isAdmitted ? .authenticated(principal) : .rejected(.notInRequiredGroup, of: principal.userName)
    }

    /// The person of an entry; nil if it has no user name.
    private func principal(
        _ entry: LDAPConnection.Entry, _ deadline: Deadline
    ) throws(LDAPError) -> Principal? {
        guard let userName = canonicalName(entry) else { return nil }
        return Principal(
            userName: userName, groups: try groups.groups(of: entry, userName: userName, deadline),
            source: options.name, displayName: entry.first("displayName") ?? entry.first("cn"),
            email: entry.first("mail"), identity: IdentityAttribute.identity(of: entry, identityAttributes))
    }

    /// The one name of a person: what the directory stores, however it was asked for. 'Alice' and 'alice' are one owner of
    /// keys, and so are the two names of an entry with two: the one in its DN counts, else the first in the alphabet.
    ///
    /// An entry whose name can't be read has none: what the client typed is not a name that the directory vouches for.
    private func canonicalName(_ entry: LDAPConnection.Entry) -> UserName? {
        let names = (entry.values[options.userAttribute.lowercased()] ?? []).filter {
            StringPreparation.caseIgnore($0) != ""
        }
        let entryName = DistinguishedName(entry.name)
        if let entryName, entryName.firstAttribute == AttributeName.short(options.userAttribute),
            !StringPreparation.caseIgnore(entryName.firstValue).isEmpty
        {
            let value = StringPreparation.caseIgnore(entryName.firstValue)
            return UserName(names.first { StringPreparation.caseIgnore($0) == value } ?? entryName.firstValue)
        }
        return names.map { UserName($0) }.min()
    }

    private enum Found {
        case nobody
        case one(LDAPConnection.Entry, DirectoryServer)
        case several
    }

    private var attributes: [String] {
        [options.userAttribute, "displayName", "cn", "mail"] + AccountState.attributes + groups.attributes
            + identityAttributes
    }

    private var identityAttributes: [String] { options.identityAttribute.map { [$0] } ?? IdentityAttribute.usual }

    private func find(_ userName: UserName, _ deadline: Deadline) throws(LDAPError) -> Found {
        let requests: [SearchRequest]
        switch UserQuery(userName, options) {
        case .nobody:
            step("'\(userName)' belongs to a domain that is not configured")
            return .nobody
        case .name(let name): requests = [SearchRequest(base: name, attributes: attributes)]
        case .filter(let filter):
            // Two are enough to see that the name is not one person's.
            requests = options.bases.map {
                SearchRequest(base: $0, scope: options.scope, filter: filter, attributes: attributes, limit: 2)
            }
        }
        return try find(requests, deadline)
    }

    private func find(_ requests: [SearchRequest], _ deadline: Deadline) throws(LDAPError) -> Found {
        var found: [(LDAPConnection.Entry, DirectoryServer)] = []
        for request in requests where found.count < 2 {
            let (entries, server) = try search(request, deadline)
            step("\(entries.count) found below '\(request.base)' with \(request.filter) on \(server.url)")
            found += entries.map { ($0, server) }
        }
        guard let (entry, server) = found.first else { return .nobody }
        guard found.count == 1 else { return .several }
        step("found '\(entry.name)'")
        return .one(entry, server)
    }

    private func search(
        _ request: SearchRequest, _ deadline: Deadline
    ) throws(LDAPError) -> ([LDAPConnection.Entry], DirectoryServer) {
        do {
            return try servers.search(request, deadline)
        } catch  where error.code == LDAPError.noSuchObject && options.bindDNTemplate != nil {
            guard let server = servers.all().first else { throw error }
            return ([], server)
        } catch  where !error.referrals.isEmpty && options.followsReferrals {
            return try follow(error, request, deadline)
        }
    }

    /// Asks the server that a referral names, if it is one of ours: no other gets the service account's password, and no
    /// other will get the user's.
    private func follow(
        _ referral: LDAPError, _ request: SearchRequest, _ deadline: Deadline
    ) throws(LDAPError) -> ([LDAPConnection.Entry], DirectoryServer) {
        for target in referral.referrals.compactMap({ ReferralTarget($0) }) {
            guard let server = servers.all().first(where: { target.isServed(by: $0.url) }) else { continue }
            var request = request
            if let base = target.base { request.base = base }
            step("referred to \(server.url), '\(request.base)'")
            let entries = try server.with(.search, connecting: deadline) { (connection) throws(LDAPError) in
                try connection.search(request, deadline)
            }
            return (entries, server)
        }
        throw referral
    }

    private func step(_ text: @autoclosure () -> String) {
        options.onStep?(text())
    }
}
