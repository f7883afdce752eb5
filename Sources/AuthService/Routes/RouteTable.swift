import HTTPTypes

/// All routes. What is not in the table is not answered.
///
/// An event loop has a table of its own: even counting the references of one that all share would be a meeting place.
struct RouteTable: Sendable {
    /// zot's path of the API-key REST API, with its older names.
    private static let apiKeyPaths = [
        "/zot/auth/apikey", "/zot/auth/apikey/", "/v2/_zot/ext/apikey", "/v2/_zot/ext/apikey/", "/api/security/apiKey",
        "/api/security/apiKey/",
    ]
    private static let rotationPaths = apiKeyPaths.filter { !$0.hasSuffix("/") }.map { "\($0)/rotate" }
    private static let restorationPaths = apiKeyPaths.filter { !$0.hasSuffix("/") }.map { "\($0)/restore" }
    private static let sessionsPath = "/auth/sessions"
    private static let tokenPaths = ["/auth/token", "/zot/auth/token"]
    private static let reading: [HTTPRequest.Method] = [.get, .head]

    /// The table that those share who have none of their own.
    static let shared = RouteTable()

    /// Where proxies ask, and say in the query what they demand.
    static let verifyPath: Substring = "/auth/verify"
    /// Where Envoy asks: behind it stands the path that its client asked for.
    static let pathForm = "/auth/authz/"

    let rows: [Route]
    /// What answers all paths that begin so.
    private let prefixes: [(prefix: String, entry: Entry)]
    private let entries: [Substring: Entry]

    init() {
        rows = Self.newRows().enumerated().map { $1.row($0) }
        entries = Dictionary(grouping: rows.flatMap { row in row.paths.map { ($0[...], row) } }) { $0.0 }
            .mapValues { Entry($0.map(\.1)) }
        prefixes = [
            Self.pathForm, AuthService.callback, AuthService.zotCallback, AuthService.providerLogout,
        ].compactMap { [entries] prefix in
            entries[prefix[...]].map { (prefix, $0) }
        }
    }

    /// Finds what answers a path.
    func find(_ path: Substring) -> Entry? {
        if let entry = entries[path] { return entry }
        return prefixes.first { path.hasPrefix($0.prefix) }?.entry
    }

    private static func newRows() -> [Route] {
        [
            Route(
                .listKeys, paths: apiKeyPaths, methods: [.get], demand: .keyListing, needsRing: true, isZots: true,
                handler: .full { service, request, principal, _ in await service.listAPIKeys(request, principal) }),
            Route(
                .createKey, paths: apiKeyPaths, methods: [.post], demand: .keyManagement, needsBody: true,
                needsRing: true,
                isZots: true,
                handler: .full { await $0.createAPIKey($1, $2, $3) }),
            Route(
                .revokeKey, paths: apiKeyPaths, methods: [.delete], demand: .keyManagement, needsRing: true,
                isZots: true,
                handler: .full { service, request, principal, _ in await service.revokeAPIKey(request, principal) }),
            Route(
                .rotateKey, paths: rotationPaths, methods: [.post], demand: .keyRotation, needsRing: true, isZots: true,
                handler: .full { service, request, principal, _ in await service.rotateAPIKey(request, principal) }),
            Route(
                .restoreKeys, paths: restorationPaths, methods: [.post], demand: .keyManagement, needsRing: true,
                handler: .full { service, request, principal, _ in await service.restoreAPIKeys(request, principal) }),
            Route(
                .reportKey, paths: ["/auth/apikey/revoke"], methods: [.post], demand: .nothing, needsBody: true,
                needsRing: true,
                handler: .open { await $0.revokeLeakedKey($1, $2) }),
            Route(
                .ping, paths: ["/v2/", "/v2"], methods: reading, demand: .login, beginsSessions: true,
                isZots: true,
                handler: .anyone { service, request, _, _ in service.registryPing(request) }),
            Route(
                .verify, paths: [String(verifyPath)], methods: nil, demand: .resource,
                handler: .anyone { $0.verified($2, $1, $3) }),
            Route(
                .authorize, paths: [pathForm], methods: nil, demand: .resource,
                handler: .anyone { $0.verified($2, $1, $3) }),
            Route(
                .token, paths: tokenPaths, methods: [.get], demand: .token, needsTokens: true, isZots: true,
                handler: .token),
            Route(
                .tokenForForm, paths: tokenPaths, methods: [.post], demand: .token, needsBody: true, needsTokens: true,
                isZots: true, handler: .token),
            Route(
                .publishedKeys, paths: ["/auth/jwks.json"], methods: reading, demand: .nothing, needsTokens: true,
                handler: .immediate { $0.publishedKeys() }),
            Route(
                .whoAmI, paths: ["/auth/whoami"], methods: reading, demand: .principal,
                handler: .known { _, _, principal, _ in .json(.ok, WhoAmIBody(principal)) }),
            Route(
                .beginLogin, paths: [AuthService.loginPath], methods: [.get], demand: .nothing, needsSessions: true,
                handler: .open { service, request, _ in await service.login(request) }),
            Route(
                .zotLogin, paths: ["/zot/auth/login"], methods: [.get], demand: .nothing, needsLogins: true,
                isZots: true,
                handler: .open { service, request, _ in await service.beginLogin(request) }),
            Route(
                .logIn, paths: [AuthService.loginPath], methods: [.post], demand: .nothing, needsBody: true,
                needsSessions: true, handler: .login),
            Route(
                .account, paths: [AuthService.accountPath, String(AuthService.accountPath.dropLast())], methods: [.get],
                demand: .page, needsSessions: true,
                handler: .full { service, request, principal, _ in await service.accountPage(request, principal) }),
            Route(
                .actOnAccount, paths: [AuthService.accountPath], methods: [.post], demand: .page, needsBody: true,
                needsSessions: true, handler: .full { await $0.actOnAccount($1, $2, $3) }),
            Route(
                .people, paths: [AuthService.peoplePath], methods: [.get], demand: .administration,
                needsSessions: true,
                handler: .full { service, request, principal, _ in await service.peoplePage(request, principal) }),
            Route(
                .actOnPeople, paths: [AuthService.peoplePath], methods: [.post], demand: .administration,
                needsBody: true, needsSessions: true, handler: .full { await $0.actOnPeople($1, $2, $3) }),
            Route(
                .script, paths: [PageScript.path], methods: reading, demand: .nothing, needsSessions: true,
                handler: .immediate { _ in
                    AuthResponse(
                        .ok,
                        headers: [
                            .contentType: "text/javascript; charset=utf-8", .cacheControl: "public, max-age=3600",
                            .xContentTypeOptions: "nosniff",
                        ], body: Array(PageScript.text.utf8))
                }),
            Route(
                .style, paths: [PageStyle.path], methods: reading, demand: .nothing, needsSessions: true,
                handler: .immediate { _ in
                    AuthResponse(
                        .ok, headers: [.contentType: "text/css; charset=utf-8", .cacheControl: "public, max-age=3600"],
                        body: Array(PageStyle.text.utf8))
                }),
            Route(
                .endLogin, paths: [AuthService.callback, AuthService.zotCallback], methods: [.get], demand: .nothing,
                needsLogins: true, isZots: true,
                handler: .open { service, request, _ in await service.endLogin(request) }),
            Route(
                .zotManagement, paths: ["/v2/_zot/ext/mgmt"], methods: [.get], demand: .anybody, needsSessions: true,
                isZots: true, handler: .anyone { service, _, _, _ in service.zotManagement() }),
            Route(
                .listSessions, paths: [sessionsPath], methods: [.get], demand: .sessions, needsSessions: true,
                handler: .full { service, request, principal, _ in await service.listSessions(request, principal) }),
            Route(
                .endSessions, paths: [sessionsPath], methods: [.delete], demand: .sessions, needsSessions: true,
                handler: .full { service, request, principal, _ in await service.endSessions(request, principal) }),
            Route(
                .logOut, paths: [AuthService.logoutPath, "/zot/auth/logout"], methods: [.post], demand: .nothing,
                needsSessions: true, isZots: true,
                handler: .open { service, request, _ in await service.logOut(request) }),
            Route(
                .logOutByProvider, paths: [AuthService.providerLogout], methods: [.post], demand: .nothing,
                needsBody: true, needsLogins: true,
                handler: .open { service, request, body in await service.logOutByProvider(request, body) }),
            Route(
                .health, paths: ["/healthz", "/livez", "/startupz"], methods: reading, demand: .nothing,
                place: .operations,
                handler: .immediate { $0.health() }),
            Route(
                .readiness, paths: ["/readyz"], methods: reading, demand: .nothing, place: .operations,
                handler: .open { service, _, _ in await service.readiness() }),
            Route(
                .metrics, paths: ["/metrics"], methods: reading, demand: .metrics, place: .operations,
                handler: .open { service, request, _ in await service.metrics(request) }),
            Route(
                .openAPI, paths: ["/openapi.yaml"], methods: reading, demand: .nothing, place: .operations,
                handler: .immediate { $0.openAPI() }),
            Route(
                .flush, paths: ["/flush"], methods: [.post], demand: .nothing, place: .operationsOnly,
                handler: .open { service, request, _ in await service.flush(request) }),
        ]
    }

    /// What the table has at a path.
    final class Entry: Sendable {
        /// The rows, which differ in their methods.
        let rows: [Route]
        /// The methods that one of them takes, `OPTIONS` last; nil for any.
        let methods: [HTTPRequest.Method]?

        fileprivate init(_ rows: [Route]) {
            self.rows = rows
            let methods = rows.compactMap(\.methods).flatMap(\.self)
            self.methods = methods.isEmpty ? nil : methods + [.options]
        }

        /// The row that takes a method.
        func row(_ method: HTTPRequest.Method) -> Route? {
            rows.first { $0.methods?.contains(method) ?? true }
        }

        /// The value of `Allow`.
        var allow: String { methods?.map(\.rawValue).joined(separator: ", ") ?? "" }
        /// Whether pages of other origins may call it.
        var isZots: Bool { rows.contains(where: \.isZots) }
    }
}
