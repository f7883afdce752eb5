import Credentials
import Foundation

/// A login by GitHub's OAuth 2.0, which is no OpenID Connect: who it is says its API
/// (https://docs.github.com/en/rest/users/users, …/users/emails, …/orgs/orgs).
struct GitHubFlow: LoginFlow {
    private struct User: Decodable {
        var id: Int64
        var login: String
        var name: String?
    }
    private struct Email: Decodable {
        var email: String
        var primary: Bool
        var verified: Bool
    }
    private struct Organization: Decodable { var login: String }
    private struct Team: Decodable {
        var slug: String
        var organization: Organization
    }

    private enum State {
        case begun
        case exchanging
        case user(token: String)
        case emails(token: String, User)
        case groups(Lists, page: Int)
        case over
    }

    /// What is gathered of somebody's groups: first their organizations, then the teams in them.
    private struct Lists {
        let token: String
        let user: User
        let email: String?
        var names: [String] = []
        var areTeams = false
    }

    /// The most pages of organizations, and of teams, that are read, of a hundred each.
    private static let maximumPages = 10

    private let settings: ProviderSettings
    private let login: PendingLogin
    private var state = State.begun

    init(_ settings: ProviderSettings, _ login: PendingLogin) { (self.settings, self.login) = (settings, login) }

    mutating func begin(code: String) throws(LoginProblem) -> LoginStep {
        guard case .begun = state else { throw outOfTurn() }
        state = .exchanging
        return .ask(
            TokenExchange.request(
                code: code, login, endpoint: settings.tokenURL ?? "https://github.com/login/oauth/access_token",
                methods: nil, settings, assertion: nil))
    }

    mutating func answered(_ answer: ProviderAnswer) throws(LoginProblem) -> LoginStep {
        switch state {
        case .exchanging:
            let token = try TokenExchange.tokens(answer).accessToken
            state = .user(token: token)
            return ask("/user", token)
        case .user(let token):
            let user: User = try read(answer)
            state = .emails(token: token, user)
            return ask("/user/emails?per_page=100", token)
        case .emails(let token, let user):
            let emails: [Email] = try read(answer)
            let email = emails.first { $0.primary && $0.verified }?.email
            return list(Lists(token: token, user: user, email: email), page: 1)
        case .groups(var lists, let page):
            // An organization may keep applications out: then its members are in no group here, and can log in all the same.
            let found: [String]
            if answer.status == 403 {
                found = []
            } else if lists.areTeams {
                let teams: [Team] = try read(answer)
                found = teams.map { "\($0.organization.login)/\($0.slug)" }
            } else {
                let organizations: [Organization] = try read(answer)
                found = organizations.map(\.login)
            }
            lists.names += found
            if found.count == 100, page < Self.maximumPages { return list(lists, page: page + 1) }
            if !lists.areTeams {
                lists.areTeams = true
                return list(lists, page: 1)
            }
            state = .over
            return .done(identity(lists.user, lists.email, lists.names))
        case .begun, .over: throw outOfTurn()
        }
    }

    mutating func verified(_ claims: Claims) throws(LoginProblem) -> LoginStep { throw outOfTurn() }

    private mutating func list(_ lists: Lists, page: Int) -> LoginStep {
        state = .groups(lists, page: page)
        return ask("/user/\(lists.areTeams ? "teams" : "orgs")?per_page=100&page=\(page)", lists.token)
    }

    private func ask(_ path: String, _ token: String) -> LoginStep {
        .ask(ProviderRequest(.get, settings.gitHubAPI + path, bearer: token))
    }

    private func read<T: Decodable>(_ answer: ProviderAnswer) throws(LoginProblem) -> T {
        guard answer.status == 200, let value = try? JSONDecoder().decode(T.self, from: Data(answer.body)) else {
            throw .provider("GitHub's API answers \(answer.status), or something else than it is documented to")
        }
        return value
    }

    private func identity(_ user: User, _ email: String?, _ groups: [String]) -> ProviderIdentity {
        var values: [String: Claims.Value] = [
            "sub": .text("\(user.id)"), "login": .text(user.login), "groups": .array(groups.map { .text($0) }),
        ]
        if let email { (values["email"], values["email_verified"]) = (.text(email), .bool(true)) }
        let claims = Claims(values)
        return ProviderIdentity(
            issuer: settings.issuer, subject: Subject("\(user.id)"), userName: settings.claims.userName(claims),
            groups: settings.claims.groups(claims), displayName: user.name, email: email, authenticated: nil,
            session: nil,
            idToken: nil)
    }
}
