import APIKeys
import Credentials
import Foundation
import HTTPTypes

/// The API-key REST API of zot, and what zot has not: filters, rotation, administrators.
extension AuthService {
    func listAPIKeys(_ request: AuthRequest, _ principal: Principal) async -> AuthResponse {
        await withRing(request, principal) { ring in
            let filter = try KeyFilter(request)
            let target = await person(request, principal)
            let now = ring.now
            var all = try await ring.records(target.keys)
            // A key that is limited by scopes learns of itself, and of no other.
            if case .apiKey(let id, _) = principal.method, isLimited(principal) { all.removeAll { $0.id != id } }
            let page = filter.page(try await ring.judge(all, at: now))
            alertAdministration("list", target.name, principal, request)
            var headers: HTTPFields = [:]
            if page.hasMore, let last = page.keys.last {
                headers[FieldNames.link] = KeyFilter.next(request, behind: last.record.id)
            }
            let body = APIKeyListBody(
                apiKeys: page.keys.map { APIKeyBody($0, at: now) },
                incomplete: target.failure.map { _ in true })
            return .json(.ok, body, headers: headers)
        }
    }

    func revokeAPIKey(_ request: AuthRequest, _ principal: Principal) async -> AuthResponse {
        await withRing(request, principal) { try await revoke(in: $0, request, principal) }
    }

    private func revoke(
        in ring: APIKeyRing, _ request: AuthRequest, _ principal: Principal
    ) async throws(SourceFailure) -> AuthResponse {
        let target = await person(request, principal)
        let (ids, all) = (request.queryValues("id"), request.queryValues("all"))
        if ids.isEmpty, all == ["true"] { return try await revokeAll(of: target, ring, principal, request) }
        guard ids.count == 1, let text = ids.first, !text.isEmpty, all.isEmpty else {
            return .badRequest("name the key to revoke by one parameter, ?id=UUID, or all of them by ?all=true")
        }
        guard let id = UUID(uuidString: text),
            let key = try await ring.revoke(target.key(id), cause: target.cause).first
        else {
            if let failure = target.failure { throw failure }
            return .notFound("you have no API key with this id")
        }
        noteRevoked(key, target.name, principal, request)
        alertAdministration("revoke", target.name, principal, request)
        return AuthResponse(.ok)
    }

    private func revokeAll(
        of target: PersonTarget, _ ring: APIKeyRing, _ principal: Principal, _ request: AuthRequest
    ) async throws(SourceFailure) -> AuthResponse {
        let revoked = try await ring.newlyRevoked(target.keys, cause: target.cause)
        for key in revoked { noteRevoked(key, target.name, principal, request) }
        alertAdministration("revoke", target.name, principal, request)
        if let doubt = try await doubt(about: target, revoked.count, "keys") { return doubt }
        return .json(.ok, RevokedKeysBody(revoked: revoked.map { $0.id.uuidString.lowercased() }))
    }

    func rotateAPIKey(_ request: AuthRequest, _ principal: Principal) async -> AuthResponse {
        await withRing(request, principal) { ring in
            let target = await person(request, principal)
            var ids = request.queryValues("id").map { UUID(uuidString: $0) }
            if ids.isEmpty, case .apiKey(let id, _) = principal.method { ids = [id] }
            guard ids.count == 1, let first = ids.first else {
                return .badRequest("name the key to rotate by one parameter, ?id=UUID")
            }
            let texts = request.queryValues("overlap")
            guard let overlap = texts.isEmpty ? APIKeyRing.usualOverlap : OverlapText.parse(texts[0]), texts.count < 2
            else { return .badRequest("overlap is seconds, or a number with s, m, h or d, up to 30d") }
            guard let id = first else { return .notFound("you have no API key with this id") }
            switch try await ring.rotate(
                target.key(id), overlap: overlap, userAgent: userAgent(request), maker: try await maker(principal, ring)
            )
            {
            case .done(let record, let key):
                self.record(.keyRotated(by: principal, id: id, successor: record.id), user: principal.userName, request)
                alertAdministration("rotate", target.name, principal, request)
                return .json(.created, APIKeyBody(JudgedKey(new: record), at: ring.now, key: key))
            case .unknown:
                if let failure = target.failure { throw failure }
                return .notFound("you have no API key with this id")
            case .expired: return .badRequest("the key's time is over: make a new one")
            case .forbidden(.maxPerUser):
                return Self.refusal(
                    .maxPerUser,
                    "while the old key works beside the new one there would be more keys "
                        + "than one may have: rotate with ?overlap=0, or revoke one first")
            case .forbidden(let rule): return Self.refusal(rule)
            case .reused(let family):
                noteReuse(family, user: principal.userName, request)
                return ErrorBody.response(
                    .conflict, "KEY_REUSED",
                    "this key was rotated or revoked before: somebody may have it who should not, and all keys that "
                        + "descend from the same one are revoked now")
            }
        }
    }

    /// Ends a key for whoever has it. What comes back is the same whether or not there is such a key.
    func revokeLeakedKey(_ request: AuthRequest, _ body: BodyReader) async -> AuthResponse {
        guard let ring else { return .notFound("there is nothing at this path") }
        do {
            guard let bytes = try await body(bodyLimit(CreateAPIKeyBody.maximumLength)) else {
                return ErrorBody.response(.contentTooLarge, "SIZE_INVALID", "the body is longer than any key")
            }
            let secret = try LeakedKeyBody.secret(bytes)
            let report = resolver.admitReport(of: secret, from: forwarding.client(of: request))
            if let wait = report.wait {
                record(.throttled(wait), user: nil, request)
                return .tooManyRequests(after: wait)
            }
            let found: LeakReport?
            do throws(SourceFailure) {
                found = try await ring.revoke(leaked: secret)
            } catch {
                report.end(nil)
                throw error
            }
            report.end(found != nil)
            if let found {
                let name = found.key.serviceAccount ?? found.key.owner.userName
                record(.keyReported(id: found.key.id, owner: name), user: nil, request)
                // Whoever had it may have rotated it: the family has ended too, and its owner should know.
                noteReuse(found.family, user: name, request)
            }
            return AuthResponse(.accepted)
        } catch let failure as SourceFailure {
            record(.unavailable(failure), user: nil, request)
            return .unavailable()
        } catch let problem as NewAPIKey.Problem {
            return .badRequest(problem.message)
        } catch {
            return .badRequest("the body could not be read")
        }
    }

    /// Notes that somebody came with a key that was rotated or revoked, to rotate it.
    func reportReuse(_ request: AuthRequest) async {
        guard let ring, case .credential(let credential) = AuthorizationHeader(request.fields),
            let family = try? await ring.reportReuse(of: credential.secret), !family.isEmpty
        else { return }
        noteReuse(family, user: credential.claimedName, request)
    }

    func noteReuse(_ family: [APIKeyRecord], user: UserName?, _ request: AuthRequest) {
        guard let first = family.first else { return }
        alert(.keyReuse(family: first.family, revoked: family.count), user: user, request)
    }

    private func noteRevoked(
        _ key: APIKeyRecord, _ owner: UserName?, _ principal: Principal, _ request: AuthRequest
    ) {
        record(.keyRevoked(by: principal, id: key.id, owner: owner), user: principal.userName, request)
    }

    /// Tells of an administrator who acts on somebody else's keys.
    func alertAdministration(
        _ action: String, _ name: UserName?, _ principal: Principal, _ request: AuthRequest
    ) {
        guard let name else { return }
        alert(.administrator(action: action, owner: name), user: principal.userName, request)
    }

    /// Only a hint for people: a record keeps no more of it than any real one has.
    func userAgent(_ request: AuthRequest) -> String {
        request.field(FieldNames.userAgent) ?? ""
    }

    /// Why a policy does not allow a key.
    static func reason(_ rule: APIKeyPolicy.Rule) -> String {
        switch rule {
        case .maxLifetime: "a key has to end sooner"
        case .maxPerUser: "there are as many keys as one may have: revoke one first"
        case .requireExpiry: "a key needs an expirationDate"
        case .requireLabel: "a key needs a label"
        case .allowedScopes: "a key needs scopes that lie within those that are allowed"
        case .unusedLifetime: "a key has to be used now and then"
        }
    }

    private static func refusal(_ rule: APIKeyPolicy.Rule, _ words: String? = nil) -> AuthResponse {
        return ErrorBody.response(
            .badRequest, "BAD_REQUEST",
            "the policy of this server (\(rule.rawValue)) does not allow it: \(words ?? reason(rule))",
            detail: ["rule": rule.rawValue])
    }

    func withRing(
        _ request: AuthRequest, _ principal: Principal, _ answer: (APIKeyRing) async throws -> AuthResponse
    ) async -> AuthResponse {
        guard let ring else { return .notFound("there is nothing at this path") }
        do {
            return try await answer(ring)
        } catch let failure as SourceFailure {
            return unavailable(failure, principal, request)
        } catch KeyRequestError.store(let failure) {
            return unavailable(failure, principal, request)
        } catch KeyRequestError.policy(let rule) {
            return Self.refusal(rule)
        } catch KeyRequestError.outlivesMaker(let end) {
            return .badRequest(
                "the key that you came by ends at \(RFC3339.format(end)): what it makes must have an expirationDate, and end then at the latest"
            )
        } catch KeyRequestError.limitedMaker {
            return .badRequest("the key that you came by can't make others")
        } catch let problem as NewAPIKey.Problem {
            return .badRequest(problem.message)
        } catch {
            // The client went away in the middle of its body: nobody reads this.
            return .badRequest("the body could not be read")
        }
    }

    private func unavailable(
        _ failure: SourceFailure, _ principal: Principal, _ request: AuthRequest
    ) -> AuthResponse {
        record(.unavailable(failure), user: principal.userName, request)
        return .unavailable()
    }
}
