import AccessControl
import Credentials
import Foundation

/// What a proxy demands of whoever sent the request that it asks about, as its own configuration says in the query of `/auth/verify`.
struct VerifyQuery {
    /// The groups of which they must be in one: `?group=a&group=b`.
    private(set) var groups: [GroupName] = []
    /// The hosts of which the original request must be for one: `?host=app.example.org`.
    private(set) var hosts: [OriginalHost] = []
    /// `?login`: a browser that has shown nothing is sent to the login page.
    private(set) var leadsToLogin = false
    /// `?registry`.
    private(set) var isRegistry = false
    /// `?repository=team/app&action=read`, `?scope=team/app:read`.
    private(set) var rights: [RepositoryRight] = []
    /// The address that the client asked for, as it stands: Envoy puts it behind `u=`.
    private(set) var address: Substring?

    /// Reads the query.
    ///
    /// It is the operator's, up to a parameter `u`: behind that stands the address that somebody else asked for (Envoy's path form),
    /// and whatever it says demands nothing and names no resource.
    /// - Throws: `RegistryRequest.Problem` for a query that says nothing clear: what was meant as a demand must not be dropped.
    init(_ query: Substring) throws(RegistryRequest.Problem) {
        let pairs: [(name: String, value: String)]
        do throws(QueryForm.Problem) {
            pairs = try QueryForm.demand.read(query)
        } catch {
            throw .init(error.description)
        }
        var (repositories, actions): ([RepositoryName], [Action]) = ([], [])
        for (name, value) in pairs {
            switch name {
            case "registry":
                guard value.isEmpty else { throw .init("registry stands alone, without a value") }
                isRegistry = true
            case "login":
                guard value.isEmpty else { throw .init("login stands alone, without a value") }
                leadsToLogin = true
            case "repository": repositories.append(try Self.repository(value))
            case "action": actions.append(try Self.action(value[...]))
            case "scope": rights += try Self.rights(value)
            case "group": groups.append(GroupName(value))
            case "host":
                guard let host = OriginalHost(value) else { throw .init("host names no host") }
                hosts.append(host)
            default: address = Substring(value)
            }
        }
        guard repositories.isEmpty == actions.isEmpty, !isRegistry || repositories.isEmpty && rights.isEmpty else {
            throw .init("the query takes registry, or scope, or repository with action")
        }
        rights += repositories.flatMap { name in actions.map { RepositoryRight($0, name) } }
    }

    /// `name:action,action`; without actions it is about reading.
    private static func rights(_ text: String) throws(RegistryRequest.Problem) -> [RepositoryRight] {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = try repository(String(parts[0]))
        guard parts.count > 1 else { return [RepositoryRight(.read, name)] }
        var rights: [RepositoryRight] = []
        for word in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
            rights.append(RepositoryRight(try action(word), name))
        }
        return rights
    }

    private static func repository(_ text: String) throws(RegistryRequest.Problem) -> RepositoryName {
        guard let name = RepositoryName(text) else { throw .init("repository or scope names no repository") }
        return name
    }

    private static func action(_ text: Substring) throws(RegistryRequest.Problem) -> Action {
        guard let action = Action(named: text) else {
            let names = Action.allCases.map(\.rawValue).joined(separator: ", ")
            throw .init("action is none of \(names)")
        }
        return action
    }
}

extension QueryForm {
    /// What a proxy may demand. The OpenAPI document has words of its own for it.
    static let demand = QueryForm(
        QueryParameter("registry", isListed: false), QueryParameter("repository", mayRepeat: true, isListed: false),
        QueryParameter("action", mayRepeat: true, isListed: false),
        QueryParameter("scope", mayRepeat: true, isListed: false),
        QueryParameter("group", mayRepeat: true, mayBeEmpty: false, isListed: false),
        QueryParameter("host", mayRepeat: true, isListed: false), QueryParameter("login", isListed: false),
        // Behind it stands the address that the client asked for, with a plus sign as a plus sign.
        QueryParameter("u", isListed: false, takesRest: true), judge: .reader)
}
