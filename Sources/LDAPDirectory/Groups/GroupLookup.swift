public import Credentials

/// What a directory says when it is asked which groups a name means.
public enum GroupLookup: Sendable {
    /// These, by their distinguished names.
    case found([String])
    /// None.
    case absent
    /// Nobody has said where groups are: a short name can't be looked up without a search for groups.
    case unknowable
    /// The directory could not look.
    case unavailable(SourceFailure)
}

extension DirectoryClient {
    /// Finds the groups that an operator's name means.
    /// - Parameters:
    ///   - name: a distinguished name, or a short name.
    ///   - deadline: when there is no time left.
    func findGroups(_ name: String, _ deadline: Deadline) -> GroupLookup {
        var request: SearchRequest
        if DistinguishedName(name) != nil {
            request = SearchRequest(base: name)
        } else if let search = options.groups.search {
            let filter = SearchFilter.all(["(\(search.nameAttribute)=\(SearchFilter.escape(name)))", search.filter])
            request = SearchRequest(base: search.baseDN, scope: .subtree, filter: filter, limit: 10)
        } else {
            return .unknowable
        }
        do throws(LDAPError) {
            let (entries, _) = try servers.search(request, deadline)
            return entries.isEmpty ? .absent : .found(entries.map(\.name))
        } catch {
            return error.code == LDAPError.noSuchObject ? .absent : .unavailable(error.failure)
        }
    }
}
