import Credentials

/// The blocking half of the source: finds people and tries their passwords. For a lane.
///
/// A bind changes who a connection is, so the connections that search and those that try passwords never mix.
struct DirectoryClient: Sendable {
    /// What a search for one user came to.
    enum Found {
        case nobody
        case one(LDAPConnection.Entry)
        case several
    }

    private let options: DirectoryOptions
    private let searching: ConnectionPool
    private let binding: ConnectionPool

    init(_ options: DirectoryOptions) {
        self.options = options
        self.searching = ConnectionPool { () throws(LDAPError) in
            let connection = try LDAPConnection(options)
            if let account = options.serviceAccount { try connection.bind(account.bindDN, account.password) }
            return connection
        }
        self.binding = ConnectionPool { () throws(LDAPError) in try LDAPConnection(options) }
    }

    /// Searches for the user and binds as the entry that was found.
    func judge(_ credential: BasicCredential) -> Verdict {
        do throws(LDAPError) {
            switch try find(credential.userName) {
            case .nobody: return .unknownUser
            case .several: return .rejected(.ambiguousUser)
            case .one(let entry): return try bind(as: entry, credential)
            }
        } catch {
            return .unavailable(error.failure)
        }
    }

    /// Searches for the user alone.
    func lookUp(_ userName: String) -> UserLookup {
        do throws(LDAPError) {
            switch try find(userName) {
            case .nobody: return .absent
            case .several: return .disabled
            case .one(let entry): return .found(principal(entry, userName))
            }
        } catch {
            return .unavailable(error.failure)
        }
    }

    /// Reads the base entry, as the service account.
    func probe() -> SourceState {
        do throws(LDAPError) {
            _ = try searching.with { (connection) throws(LDAPError) in
                try connection.search(
                    base: options.baseDN, scope: nil, filter: "(objectClass=*)", attributes: ["1.1"], limit: 1)
            }
            return .ready
        } catch {
            return .unavailable(error.failure)
        }
    }

    private func find(_ userName: String) throws(LDAPError) -> Found {
        let filter = SearchFilter.user(
            attribute: options.userAttribute, userName: userName, userFilter: options.userFilter)
        let attributes =
            [options.userAttribute, "displayName", "cn", "mail"] + (options.groupAttribute.map { [$0] } ?? [])
        let entries = try searching.with { (connection) throws(LDAPError) in
            // Two are enough to see that the name is not one person's.
            try connection.search(
                base: options.baseDN, scope: options.scope, filter: filter, attributes: attributes, limit: 2)
        }
        guard let first = entries.first else { return .nobody }
        return entries.count == 1 ? .one(first) : .several
    }

    private func bind(as entry: LDAPConnection.Entry, _ credential: BasicCredential) throws(LDAPError) -> Verdict {
        do {
            try binding.with { (connection) throws(LDAPError) in try connection.bind(entry.name, credential.secret) }
        } catch {
            guard let reason = error.refusalOfUserBind else { throw error }
            return .rejected(reason)
        }
        return .authenticated(principal(entry, credential.userName))
    }

    private func principal(_ entry: LDAPConnection.Entry, _ asked: String) -> Principal {
        let names = entry.values[options.userAttribute.lowercased()] ?? []
        // What the directory stores is the name: 'Alice' and 'alice' are one person there, and must be one owner here.
        let canonical = names.first { $0.lowercased() == asked.lowercased() } ?? names.first ?? asked
        let groups = options.groupAttribute.map { entry.values[$0.lowercased()] ?? [] } ?? []
        return Principal(
            userName: canonical,
            groups: groups.map {
                Group(name: DistinguishedName.shortName(of: $0), distinguishedName: $0.contains("=") ? $0 : nil)
            },
            source: options.name,
            displayName: (entry.values["displayname"] ?? entry.values["cn"])?.first,
            email: entry.values["mail"]?.first)
    }
}
