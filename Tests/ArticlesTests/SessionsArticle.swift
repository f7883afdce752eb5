// The code of Sources/Sessions/Sessions.docc/ASessionOfABrowser.md: ArticlesTests compares the two.
import Credentials
import Sessions

enum SessionsArticle {
    static func live(_ principal: Principal, _ store: any SessionStore, _ owners: OwnerCheck) async throws {
        let sessions = SessionManager(store: store, owners: owners)
        let (session, token) = try await sessions.begin(for: principal, client: nil, userAgent: "a browser")
        let cookie = SessionCookie(domain: nil, isSecure: true)
        let field = cookie.setting(token, for: .seconds(86_400))
        try await use(sessions, cookie, field.isEmpty ? .random() : token)
        let ended = try await sessions.end(.own(session.id, session.owner))
        precondition(ended.map(\.id) == [session.id])
    }

    private static func use(_ sessions: SessionManager, _ cookie: SessionCookie, _ token: SessionToken) async throws {
        guard let token = cookie.find(in: ["__Host-latchkey=\(token.text)"]).tokens.first else { return }
        let verdict = await sessions.judge(token)
        guard case .authenticated = verdict else { throw SourceFailure(.internal, detail: "\(verdict)") }
    }
}
