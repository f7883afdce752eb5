import Credentials
import Foundation
import HTTPTypes
import AccessControl
import OpenIDConnect
import RegistryTokens
import TestSupport
import Testing

@testable import AuthService

@Suite("The table of routes: each row by each kind of credential")
struct RouteTableTests {
    /// A way to present, or not to present, a credential.
    private enum Presented: CaseIterable {
        case nothing, emptyPair, malformed, wrongPassword, unknownUser, revokedKey, password, key, scopedKey,
            bearer, revokedBearer, session, endedSession, foreignToken, limitedToken, overToken
    }

    private func authorizations(_ service: Service) async throws -> [Presented: String?] {
        let (key, _) = try await service.createKey()
        let (scoped, _) = try await service.createKey(#"{"scopes": ["repo1"]}"#)
        let (revoked, id) = try await service.createKey()
        _ = await service.ask(.delete, "/zot/auth/apikey?id=\(id)", authorization: Service.basic("alice", "pass:word"))
        return [
            .nothing: nil, .emptyPair: "Basic Og==", .malformed: "Basic !", .wrongPassword: Service.basic("alice", "x"),
            .unknownUser: Service.basic("nobody", "x"), .revokedKey: Service.basic("alice", revoked),
            .password: Service.basic("alice", "pass:word"), .key: Service.basic("alice", key),
            .scopedKey: Service.basic("alice", scoped), .bearer: "Bearer \(key)", .revokedBearer: "Bearer \(revoked)",
            .session: nil, .endedSession: nil, .foreignToken: "Bearer \(try await Self.token(for: "other"))",
            .limitedToken: "Bearer \(try await Self.token(for: "registry"))",
            .overToken: "Bearer \(try await Self.token(for: "registry", at: .now - 3600))",
        ]
    }

    private static let key = try? TokenKey.make(.es256, name: "somebody else", at: .now)

    private static func issuer() async throws -> TokenIssuer {
        let (signing, certificate) = try #require(key)
        return try await TokenIssuer(
            options: .init(issuer: "somebody", services: ["registry", "other"]),
            signing: try TokenKey(key: signing, certificate: certificate))
    }

    /// A token that somebody else has signed.
    private static func token(for service: String, at date: Date = .now) async throws -> String {
        try await issuer().token(
            for: "job", service: service,
            access: TokenAccess.granted(
                [try #require(TokenScope("repository:repo1:pull"))], to: AccessRules.open.subject(nil), by: .open),
            at: date
        ).text
    }

    /// What a demand makes of a credential, whichever route has it.
    private func expected(_ demand: Demand, _ presented: Presented) -> ClosedRange<Int> {
        let passes = 200...299
        return switch (demand, presented) {
        // Whoever has no session is led to the login page, whatever else they have; a form without its token is refused.
        case (.page, .session): 200...403
        case (.page, .malformed), (.page, .wrongPassword), (.page, .unknownUser), (.page, .revokedKey),
            (.page, .revokedBearer), (.page, .foreignToken), (.page, .overToken), (.administration, .malformed),
            (.administration, .wrongPassword), (.administration, .unknownUser), (.administration, .revokedKey),
            (.administration, .revokedBearer), (.administration, .foreignToken), (.administration, .overToken):
            401...401
        case (.administration, .session): 404...404
        case (.page, _), (.administration, _): 303...303
        case (.nothing, _), (.metrics, _), (.anybody, .nothing), (.anybody, .emptyPair), (.anybody, .endedSession):
            passes
        case (_, .nothing), (_, .emptyPair), (_, .malformed), (_, .wrongPassword), (_, .unknownUser), (_, .revokedKey),
            (_, .revokedBearer), (_, .endedSession), (_, .foreignToken), (_, .overToken):
            401...401
        case (.token, _): passes
        case (.keyManagement, .scopedKey), (.keyRotation, .scopedKey), (.resource, .scopedKey), (.sessions, .scopedKey),
            (.keyManagement, .limitedToken), (.keyRotation, .limitedToken), (.resource, .limitedToken),
            (.keyListing, .limitedToken),
            (.sessions, .limitedToken):
            403...403
        case (.principal, _), (.anybody, _), (.sessions, _), (.login, _), (.resource, _), (.keyManagement, _),
            (.keyListing, _), (.keyRotation, _):
            passes
        }
    }

    @Test("What a row demands is met before its handler runs, by the long way and by the one that never waits")
    func demands() async throws {
        let (signing, certificate) = try TokenKey.make(.es256, name: "test", at: .now)
        let tokens = try await TokenIssuer(
            options: .init(issuer: "me", services: ["registry"]),
            signing: try TokenKey(key: signing, certificate: certificate))
        let (_, foreign) = try #require(Self.key)
        let signer = try #require(RegistryTokenSigner(service: "registry", key: foreign))
        let service = try Service(tokens: tokens, sources: [BearerSource(issuers: [], signer: signer)])
        let authorizations = try await authorizations(service)
        var cookies = [Presented.session: try await service.logIn(), .endedSession: try await service.logIn()]
        _ = await service.ask(.post, "/auth/logout", headers: cookies[.endedSession] ?? [:])
        // A page that changes something says that it means it.
        for presented in cookies.keys { cookies[presented]?[try #require(.init("X-ZOT-API-CLIENT"))] = "zot-ui" }
        var walked = 0
        // A login's rows take no credential at all: ProviderLoginTests has them.
        for row in RouteTable.shared.rows where row.place != .operationsOnly && !row.needsLogins {
            if case .login = row.handler { continue }
            for path in row.paths {
                for method in row.methods ?? [.get, .post, .put, .delete, .patch, .options] {
                    for presented in Presented.allCases {
                        let authorization = authorizations[presented] ?? nil
                        // Revoking and creating have an id or a body of their own.
                        let isAboutKey =
                            method == .delete && [.keyManagement, .sessions].contains(row.demand)
                            || row.demand == .keyRotation
                        let isAboutPerson = path.hasSuffix("/restore")
                        let target = isAboutPerson ? "\(path)?user=bob" : isAboutKey ? "\(path)?id=\(UUID())" : path
                        let response = await service.ask(
                            method, target, authorization: authorization,
                            headers: cookies[presented] ?? [:],
                            body: row.demand == .token ? "grant_type=password" : "{}")
                        let status = response.status.code == 404 && target != path ? 200 : response.status.code
                        #expect(expected(row.demand, presented).contains(status), "\(method) \(path) \(presented)")
                        var headers = cookies[presented] ?? [:]
                        if let authorization { headers[.authorization] = authorization }
                        let request = AuthRequest(
                            method: method, target: target, headers: headers, peer: IPAddress("192.0.2.1"))
                        if let known = service.service.answerIfKnown(request) {
                            #expect(known.status == response.status, "\(method) \(path) \(presented)")
                        }
                        walked += 1
                    }
                }
            }
        }
        #expect(walked > 200)
    }

    @Test(
        "Every other method is 405 with what is allowed, OPTIONS tells it too, and no path is in two rows for one method"
    )
    func methods() async throws {
        let service = try Service()
        var seen: Set<String> = []
        for row in RouteTable.shared.rows {
            for path in row.paths {
                for method in row.methods ?? [] {
                    #expect(seen.insert("\(method) \(path)").inserted, "\(method) \(path)")
                }
                guard let entry = RouteTable.shared.find(path[...]), let methods = entry.methods, !row.needsTokens,
                    !row.needsLogins,
                    row.place != .operationsOnly
                else {
                    continue
                }
                #expect(methods.last == .options)
                for method in [HTTPRequest.Method.put, .patch, .trace, .post] where !methods.contains(method) {
                    let response = await service.ask(method, path)
                    #expect(response.status == .methodNotAllowed && response.headers[.allow] == entry.allow, "\(path)")
                }
                let options = await service.ask(.options, path)
                #expect(options.status == .noContent && options.headers[.allow] == entry.allow, "\(path)")
            }
        }
    }

    @Test("Without a store of keys their routes are not there, and an operator's own are only where they belong")
    func places() async throws {
        let plain = AuthService(resolver: CredentialResolver(entries: []), ring: nil)
        func status(_ service: AuthService, _ method: HTTPRequest.Method, _ path: String) async -> Int {
            let request = AuthRequest(method: method, target: path, headers: [:], peer: nil)
            return await service.answer(request) { _ in [] }.status.code
        }
        #expect(
            await status(plain, .get, "/zot/auth/apikey") == 404 && plain.needsBody(.post, "/zot/auth/apikey") == false)
        var options = AuthService.Options()
        options.hasOperationsListener = true
        let split = AuthService(resolver: CredentialResolver(entries: []), ring: nil, options: options)
        for path in ["/metrics", "/healthz", "/readyz"] {
            #expect(await status(split, .get, path) == 404, "\(path)")
            #expect(await status(split.forOperations, .get, path) != 404, "\(path)")
            #expect(await status(plain, .get, path) != 404, "\(path)")
        }
        #expect(await status(split.forOperations, .post, "/flush?user=a") == 204)
        #expect(await status(split.forOperations, .get, "/v2/") == 404)
        for service in [plain, split] { #expect(await status(service, .post, "/flush?user=a") == 404) }
    }

    @Test("Only where a body is wanted is it waited for")
    func bodies() throws {
        let service = try Service().service
        #expect(service.needsBody(.post, "/zot/auth/apikey") && service.needsBody(.post, "/v2/_zot/ext/apikey?x=1"))
        for (method, path) in [
            (HTTPRequest.Method.post, "/auth/verify"), (.get, "/v2/"), (.post, "/nowhere"), (.put, "/zot/auth/apikey"),
            (.delete, "/zot/auth/apikey?id=1"), (.post, "/metrics"),
        ] {
            #expect(!service.needsBody(method, path), "\(method) \(path)")
        }
    }
}

@Suite("Identity headers")
struct IdentityHeadersTests {
    private func headers(_ groups: [GroupName], name: String? = nil, maximumBytes: Int) -> (fields: [String], left: Int)
    {
        let principal = Principal(
            userName: "alice", groups: groups.map { Group(name: $0) }, source: .ldap, displayName: name, email: "a@x")
        let identity = IdentityHeaders(principal, maximumBytes: maximumBytes, authorities: [])
        let names = [
            FieldNames.remoteUser, FieldNames.remoteGroups, FieldNames.remoteName, FieldNames.remoteEmail,
        ]
        return (names.map { identity.fields[$0] ?? "missing" }, identity.groupsLeftOut)
    }

    @Test("All four are there, and empty where there is nothing to say")
    func always() {
        let principal = Principal(userName: "alice", source: .htpasswd)
        let identity = IdentityHeaders(principal, maximumBytes: 100, authorities: [])
        #expect(
            identity.fields.count == 4 + IdentityHeaders.caching.count && identity.fields[FieldNames.remoteGroups] == ""
        )
    }

    @Test("What does not fit is left out by whole groups, and the user name never")
    func bounded() {
        #expect(headers(["one", "two"], maximumBytes: 15) == (["alice", "one,two", "", "a@x"], 0))
        #expect(headers(["one", "two"], maximumBytes: 14) == (["alice", "one", "", "a@x"], 1))
        #expect(headers(["eleven bytes", "two"], maximumBytes: 12) == (["alice", "two", "", "a@x"], 1))
        #expect(headers(["one"], name: "A long name", maximumBytes: 12) == (["alice", "one", "", "a@x"], 0))
        #expect(headers(["one"], maximumBytes: 1) == (["alice", "", "", ""], 1))
    }

    @Test("Whatever the groups are, the values never have more bytes than they may, and each group is whole")
    func property() {
        for _ in 0..<500 {
            let groups = (0..<Int.random(in: 0...40)).map { _ in
                GroupName(String((0..<Int.random(in: 1...30)).map { _ in "aé,%🗝 ".randomElement() ?? "a" }))
            }
            let maximum = Int.random(in: 5...300)
            let (fields, left) = headers(groups, maximumBytes: maximum)
            #expect(fields.reduce(0) { $0 + $1.utf8.count } <= maximum)
            let kept = fields[1].isEmpty ? [] : fields[1].split(separator: ",", omittingEmptySubsequences: false)
            #expect(kept.count + left == groups.count)
            for item in kept { #expect(groups.contains(GroupName(item.removingPercentEncoding ?? "")), "\(item)") }
        }
    }
}
