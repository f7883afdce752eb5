import Credentials

/// How one user is found in a directory.
enum UserQuery: Equatable {
    /// By a search with this filter.
    case filter(String)
    /// By their DN.
    case name(String)
    /// Not at all: the name belongs to a domain that is none of ours.
    case nobody

    /// The query for a user name, as a client sent it.
    init(_ userName: UserName, _ options: DirectoryOptions) {
        var (attribute, name) = (options.userAttribute, userName)
        switch options.activeDirectory?.form(of: userName) {
        case .foreign:
            self = .nobody
            return
        case .principal(let principal): (attribute, name) = ("userPrincipalName", principal)
        case .account(let account): name = account
        case nil: break
        }
        guard !name.isEmpty else {
            self = .nobody
            return
        }
        if let template = options.bindDNTemplate {
            self = .name(template.replacing("{user}", with: DistinguishedName.escape(name.text)))
        } else if let filter = options.filter {
            self = .filter(filter.replacing("{user}", with: SearchFilter.escape(name.text)))
        } else {
            self = .filter(SearchFilter.user(attribute: attribute, userName: name, userFilter: options.userFilter))
        }
    }
}
