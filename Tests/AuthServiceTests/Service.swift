import AccessControl
import APIKeys
import Credentials
import Foundation
import HTTPTypes
import RegistryTokens
import SQLiteStorage
import Sessions
import TestSupport

@testable import AuthService

/// A source with fixed passwords; one user makes it unavailable.
struct FixedPasswords: CredentialSource, UserDirectory {
    let name = SourceName.ldap
    let keyShapedSecrets = KeyShapedSecretPolicy.never
    static let alice = Principal(
        userName: "alice",
        groups: [
            Group(name: "admins", distinguishedName: "cn=admins,dc=x"),
            Group(name: "a,b", distinguishedName: "cn=a\\,b,dc=x"),
        ], source: .ldap, displayName: "Alice é", email: "alice@example.org")

    func judge(_ credential: BasicCredential) async -> Verdict {
        switch credential.userName {
        case "alice":
            credential.secret.isEqualInConstantTime(to: "pass:word".utf8)
                ? .authenticated(Self.alice) : .rejected(.wrongPassword)
        case "bob", "root":
            credential.secret.isEqualInConstantTime(to: credential.userName.utf8)
                ? .authenticated(Principal(userName: credential.userName, source: name)) : .rejected(.wrongPassword)
        case "disabled": .rejected(.accountDisabled)
        case "outage": .unavailable(SourceFailure(.timedOut, detail: "secret.server.example did not answer"))
        default: .unknownUser
        }
    }
    func lookUp(userName: UserName) async -> UserLookup {
        switch userName {
        // A directory takes a name in any spelling, and says how it is spelled.
        case "alice", "ALICE": .found(Self.alice)
        case "bob", "root", "o'neil; $(id)": .found(Principal(userName: userName, source: name))
        case "outage": .unavailable(SourceFailure(.timedOut, detail: "secret.server.example did not answer"))
        default: .absent
        }
    }
    func state() async -> SourceState { .ready }
}

/// A service with a real key store, as a test talks to it.
final class Service: Sendable {
    let service: AuthService
    private let folder: TemporaryFolder
    let sessions: SessionManager

    init(
        trustedProxies: [String] = [], failDelay: Duration = .zero, throttle: ThrottleOptions? = nil,
        access: AccessRules = .open, metricsAccess: MetricsAccess? = nil, keys: APIKeyRing.Options = .init(),
        alertAfterNetworks: Int = 0, tokens: TokenIssuer? = nil, allowedOrigins: [String] = [],
        returnOrigins: [String] = [], sources: [any CredentialSource] = [],
        bearerChallenge: BearerChallenge? = nil, cookieDomain: String? = nil, isSecure: Bool = false,
        externalURL: String? = nil, takesPasswords: Bool = true, freshLogin: FreshLogin = .everywhere
    ) throws {
        folder = try TemporaryFolder()
        let store = try SQLiteStore(folder: folder.url("data"))
        let ring = APIKeyRing(store: store, options: keys)
        let owners = OwnerCheck(directories: [FixedPasswords()])
        sessions = SessionManager(store: store, owners: owners)
        let keys = APIKeySource(ring: ring, owners: owners)
        var options = AuthService.Options()
        options.realm = "the \"realm\""
        options.trustedProxies = trustedProxies.compactMap { IPNetwork($0) }
        (options.access, options.metricsAccess) = (access, metricsAccess)
        options.tokens = tokens
        options.sessions = BrowserSessions(
            manager: sessions, cookieDomain: cookieDomain, isSecure: isSecure,
            externalOrigin: externalURL.flatMap { WebOrigin(written: $0) })
        options.allowedOrigins = allowedOrigins.compactMap { WebOrigin(written: $0) }
        options.returnOrigins = returnOrigins.compactMap { WebOrigin(written: $0) }
        (options.takesPasswords, options.freshLogin) = (takesPasswords, freshLogin)
        options.bearerChallenge = bearerChallenge
        (options.owners, options.alertAfterNetworks) = (owners, alertAfterNetworks)
        options.administrators = try AccessRules(.init(adminPolicy: .init(users: ["root"], actions: .all)))
        let sink = Sink()
        var behaviour = CredentialResolver.Options()
        behaviour.failDelay = failDelay
        behaviour.throttle = throttle
        service = AuthService(
            resolver: CredentialResolver(
                entries: [.init(FixedPasswords()), .init(keys)] + sources.map { .init($0) }, options: behaviour),
            ring: ring,
            options: options, audit: { event in sink.events.withLock { $0.append(event) } })
        self.sink = sink
    }

    private let sink: Sink
    private final class Sink: Sendable { let events = Locked<[AuditEvent]>([]) }

    var audited: [AuditEvent] { sink.events.withLock { $0 } }

    static func basic(_ user: String, _ secret: String) -> String {
        "Basic " + Data("\(user):\(secret)".utf8).base64EncodedString()
    }

    func ask(
        _ method: HTTPRequest.Method = .get, _ target: String, authorization: String? = nil, headers: HTTPFields = [:],
        body: String = "", peer: String = "192.0.2.1"
    ) async -> AuthResponse {
        var headers = headers
        if let authorization { headers.append(HTTPField(name: .authorization, value: authorization)) }
        let bytes = Array(body.utf8)
        return await service.answer(
            AuthRequest(method: method, target: target, headers: headers, peer: IPAddress(peer))
        ) { limit in bytes.count <= limit ? bytes : nil }
    }

    /// Logs somebody in, and returns what their browser sends from then on.
    func logIn(_ user: String = "alice") async throws -> HTTPFields {
        let principal = user == "alice" ? FixedPasswords.alice : Principal(userName: UserName(user), source: .ldap)
        let token = try await sessions.begin(for: principal, client: nil, userAgent: "browser").token
        return [.cookie: "latchkey=\(token.text)"]
    }

    /// Creates a key for alice and returns it with its id.
    func createKey(_ body: String = "{}") async throws -> (key: String, id: String) {
        let response = await ask(.post, "/zot/auth/apikey", authorization: Self.basic("alice", "pass:word"), body: body)
        let object = try response.object()
        guard let key = object["apiKey"] as? String, let id = object["uuid"] as? String else {
            throw NeverHappened(description: "no key: \(response.text)")
        }
        return (key, id)
    }
}

extension AuthResponse {
    var text: String { String(decoding: body, as: UTF8.self) }

    func object() throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] ?? [:]
    }

    /// The code of the first error of the registry's form.
    var errorCode: String? {
        let errors = (try? object())?["errors"] as? [[String: Any]]
        return errors?.first?["code"] as? String
    }
}
