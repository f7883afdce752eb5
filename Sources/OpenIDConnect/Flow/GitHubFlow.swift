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
        var email: String?
        /// With what GitHub has refused to tell the addresses; nil if it has told them.
        var emailsRefused: Int?
        var names: [String] = []
        var areTeams = false
        /// What GitHub has left out, for the log.
        var gaps: [String] = []
    }

    /// The most pages of organizations, and of teams, that are read, of a hundred each.
    static let maximumPages = 50

    private let settings: ProviderSettings
    private let addresses: GitHubAddresses
    private let login: PendingLogin
    private var state = State.begun

    init(_ settings: ProviderSettings, _ login: PendingLogin) {
        (self.settings, self.login) = (settings, login)
        addresses = GitHubAddresses(authorizationURL: settings.authorizationURL)
    }

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
            var lists = Lists(token: token, user: user)
            if GitHubAnswer(answer).isWithheld {
                // Who has another name than an address needs none.
                lists.emailsRefused = answer.status
            } else {
                let emails: [Email] = try read(answer)
                lists.email = emails.first { $0.primary && $0.verified }?.email
            }
            return list(lists, page: 1)
        case .groups(let lists, let page): return try gathered(lists, page, answer)
        case .begun, .over: throw outOfTurn()
        }
    }

    mutating func verified(_ claims: Claims) throws(LoginProblem) -> LoginStep { throw outOfTurn() }

    /// Takes a page of organizations or teams.
    private mutating func gathered(
        _ lists: Lists, _ page: Int, _ answer: ProviderAnswer
    ) throws(LoginProblem) -> LoginStep {
        var lists = lists
        let head = GitHubAnswer(answer)
        let what = lists.areTeams ? "teams" : "organizations"
        var hasMore = false
        if head.isForbidden {
            // The token has the right, as the page before shows: it is momentary, and a list that is cut would take groups away.
            guard page == 1 else {
                throw .outage("GitHub's API refuses page \(page) of the \(what) (403), though not the one before")
            }
            // Nothing of it is known then, not even which ones are missing.
            lists.gaps.append(
                "GitHub does not tell the \(what) (403): the scope read:org is missing, or they keep applications out")
        } else {
            let found: [String]
            if lists.areTeams {
                let teams: [Team] = try read(answer)
                found = teams.map { "\($0.organization.login)/\($0.slug)" }
            } else {
                let organizations: [Organization] = try read(answer)
                found = organizations.map(\.login)
            }
            lists.names += found
            if head.isPartial {
                lists.gaps.append(
                    "GitHub leaves out \(what) for which the person has no session of single sign-on (X-GitHub-SSO)")
            }
            hasMore = head.hasNextPage ?? (found.count == 100)
        }
        if hasMore {
            guard page < Self.maximumPages else {
                throw .groupsUnusable(
                    claim: what, reason: "there are more than \(Self.maximumPages * 100): they can't all be read")
            }
            return list(lists, page: page + 1)
        }
        if !lists.areTeams {
            try checkMembership(lists)
            lists.areTeams = true
            return list(lists, page: 1)
        }
        state = .over
        return .done(try identity(lists))
    }

    /// Whether the person is in one of the organizations that the operator names. Only a whole list says that they are not.
    private func checkMembership(_ lists: Lists) throws(LoginProblem) {
        guard !settings.organizations.isEmpty else { return }
        // Names of organizations are ASCII, and the same in any case.
        let wanted = Set(settings.organizations.map { Array($0.lowercased().utf8) })
        guard !lists.names.contains(where: { wanted.contains(Array($0.lowercased().utf8)) }) else { return }
        throw .notMember(gap: lists.gaps.first)
    }

    private mutating func list(_ lists: Lists, page: Int) -> LoginStep {
        state = .groups(lists, page: page)
        return ask("/user/\(lists.areTeams ? "teams" : "orgs")?per_page=100&page=\(page)", lists.token)
    }

    private func ask(_ path: String, _ token: String) -> LoginStep {
        .ask(ProviderRequest(.get, addresses.api + path, bearer: token))
    }

    private func read<T: Decodable>(_ answer: ProviderAnswer) throws(LoginProblem) -> T {
        if let reason = GitHubAnswer(answer).outage { throw .outage(reason) }
        guard answer.status == 200, let value = try? JSONDecoder().decode(T.self, from: Data(answer.body)) else {
            throw .provider("GitHub's API answers \(answer.status), or something else than it is documented to")
        }
        return value
    }

    private func identity(_ lists: Lists) throws(LoginProblem) -> ProviderIdentity {
        let user = lists.user
        var values: [String: Claims.Value] = [
            "sub": .text("\(user.id)"), "login": .text(user.login), "groups": .array(lists.names.map { .text($0) }),
        ]
        if let email = lists.email { (values["email"], values["email_verified"]) = (.text(email), .bool(true)) }
        let claims = Claims(values)
        var userName = settings.claims.userName(claims)
        if let status = lists.emailsRefused, settings.claims.userNamePath.isClaim("email") {
            userName = .failure(.addressWithheld(status: status))
        }
        return ProviderIdentity(
            issuer: settings.issuer, subject: Subject("\(user.id)"), userName: userName,
            groups: try settings.claims.groups(claims), displayName: user.name, email: lists.email,
            authenticated: nil, session: nil, idToken: nil, gaps: lists.gaps + settings.claims.gaps(claims))
    }
}
