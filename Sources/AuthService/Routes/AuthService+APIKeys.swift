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

    func createAPIKey(_ request: AuthRequest, _ principal: Principal, _ body: BodyReader) async -> AuthResponse {
        await withRing(request, principal) { ring in
            guard let bytes = try await body(bodyLimit(CreateAPIKeyBody.maximumLength)) else {
                return ErrorBody.response(
                    .contentTooLarge, "SIZE_INVALID",
                    "the body has over \(bodyLimit(CreateAPIKeyBody.maximumLength)) bytes")
            }
            let (now, target) = (ring.now, KeyTarget(request, principal))
            let new = try await readNewKey(bytes, at: now)
            let maker = try await maker(principal, ring)
            let holder = try await holder(of: new, target, principal, maker)
            let (record, key) = try await ring.create(
                owner: holder.owner, vouched: holder.vouched(at: now), serviceAccount: holder.account, label: new.label,
                scopes: new.scopes, expirationDate: new.expirationDate(ring.policy, at: now, maker),
                userAgent: userAgent(request), maker: maker)
            self.record(
                .keyCreated(by: principal, id: record.id, owner: target.name), user: principal.userName, request)
            alertAdministration("create", target.name, principal, request)
            return .json(.created, APIKeyBody(JudgedKey(new: record), at: now, key: key))
        }
    }

    func revokeAPIKey(_ request: AuthRequest, _ principal: Principal) async -> AuthResponse {
        await withRing(request, principal) { ring in
            let target = await person(request, principal)
            let (ids, all) = (request.queryValues("id"), request.queryValues("all"))
            let cause: KeyRevocation.Cause = target.name == nil ? .owner : .administrator
            if ids.isEmpty, all == ["true"] {
                let revoked = try await ring.newlyRevoked(target.keys, cause: cause)
                for key in revoked { noteRevoked(key, target.name, principal, request) }
                alertAdministration("revoke", target.name, principal, request)
                if let doubt = try await doubt(about: target, revoked.count, "keys") { return doubt }
                return .json(.ok, RevokedKeysBody(revoked: revoked.map { $0.id.uuidString.lowercased() }))
            }
            guard ids.count == 1, let text = ids.first, !text.isEmpty, all.isEmpty else {
                return .badRequest("name the key to revoke by one parameter, ?id=UUID, or all of them by ?all=true")
            }
            guard let id = UUID(uuidString: text),
                let key = try await ring.revoke(target.key(id), cause: cause).first
            else {
                if let failure = target.failure { throw failure }
                return .notFound("you have no API key with this id")
            }
            noteRevoked(key, target.name, principal, request)
            alertAdministration("revoke", target.name, principal, request)
            return AuthResponse(.ok)
        }
    }

    /// Takes back that somebody's keys have ended because the htpasswd file had them no more.
    func restoreAPIKeys(_ request: AuthRequest, _ principal: Principal) async -> AuthResponse {
        await withRing(request, principal) { ring in
            guard isAdministrator(principal) else { return .notFound("there is nothing at this path") }
            let (names, everybody) = (
                request.queryValues("user").map { UserName($0) }, request.queryValues("everybody")
            )
            var (restored, failure): ([APIKeyRecord], SourceFailure?) = ([], nil)
            if names.isEmpty, everybody == ["true"] {
                restored = try await ring.restore(nil)
                alertAdministration("restore", "everybody", principal, request)
            } else if let name = names.first, names.count == 1, everybody.isEmpty {
                let target = await person(named: name, principal)
                failure = target.failure
                // What the file's user made, service accounts' keys too, and what is kept under the name by itself.
                let theirs = KeySelection.all(CredentialOwner(userName: name, source: .htpasswd))
                restored = try await ring.restore(theirs) + ring.restore(target.keys)
                alertAdministration("restore", name, principal, request)
            } else {
                return .badRequest("name whose keys are to be restored by one parameter, ?user=NAME or ?everybody=true")
            }
            for key in restored {
                let owner = key.serviceAccount ?? key.owner.userName
                record(.keyRestored(by: principal, id: key.id, owner: owner), user: principal.userName, request)
            }
            guard !restored.isEmpty else {
                if let failure { throw failure }
                return .notFound("there is no API key that has ended because the htpasswd file had its owner no more")
            }
            return .json(.ok, RestoredKeysBody(restored: restored.map { $0.id.uuidString.lowercased() }))
        }
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
    private func alertAdministration(
        _ action: String, _ name: UserName?, _ principal: Principal, _ request: AuthRequest
    ) {
        guard let name else { return }
        alert(.administrator(action: action, owner: name), user: principal.userName, request)
    }

    private func isWorking(_ key: APIKeyRecord) -> Bool {
        key.revocation == nil && !key.isExpired(at: ring?.now ?? .now)
    }

    /// The key that somebody came by who makes keys; nil if they came by none.
    private func maker(_ principal: Principal, _ ring: APIKeyRing) async throws -> APIKeyRecord? {
        guard case .apiKey = principal.method else { return nil }
        guard let maker = try await ring.maker(principal) else { throw KeyRequestError.limitedMaker }
        return maker
    }

    /// Whose a new key is: the caller's, or a service account's.
    private func holder(
        of new: NewAPIKey, _ target: KeyTarget, _ principal: Principal, _ maker: APIKeyRecord?
    ) async throws -> KeyHolder {
        let caller = KeyHolder(principal, maker)
        guard let name = target.name else {
            guard new.responsible == nil else {
                throw NewAPIKey.Problem(message: "responsible belongs to a service account: name that by ?user=NAME")
            }
            try requireEnd(new, of: caller.account)
            return caller
        }
        try requireEnd(new, of: name)
        let unable = SourceFailure(
            .unreachable, detail: "a source of users could not be asked whether it knows '\(name)'")
        guard let owners else { throw NewAPIKey.Problem(message: "there are no service accounts here") }
        do throws(NameProblem) {
            _ = try UserName(exactly: name.text)
        } catch {
            throw NewAPIKey.Problem(message: "this is no name for a service account: \(error)")
        }
        let others = try await ring?.records(.serviceAccount(name)) ?? []
        guard others.allSatisfy({ $0.serviceAccount == name || !isWorking($0) }) else {
            throw NewAPIKey.Problem(
                message: "there is a service account whose name differs from '\(name)' in case alone")
        }
        guard let isFree = await owners.isFree(userName: name, besides: .service) else { throw unable }
        guard isFree else {
            throw NewAPIKey.Problem(
                message: "'\(name)' is a person's name: a service account has one that no source knows")
        }
        guard let responsible = new.responsible, responsible != principal.userName else {
            return caller.answering(for: name)
        }
        switch await owners.person(named: responsible) {
        case .found(let person): return KeyHolder(person, nil).answering(for: name)
        case .unavailable(let failure): throw failure
        case .absent, .disabled:
            throw NewAPIKey.Problem(
                message: "no source knows '\(responsible)', who was to answer for the service account")
        }
    }

    /// A key that a program has, which may outlive everybody who knows of it, says when it ends.
    private func requireEnd(_ new: NewAPIKey, of account: UserName?) throws {
        guard account != nil, case .unsaid = new.end else { return }
        throw NewAPIKey.Problem(message: "a service account's key needs an expirationDate: a time, or never")
    }

    /// Reads what somebody wants of a new key. Patterns that they have written are compared on a lane.
    func readNewKey(_ bytes: [UInt8], at now: Date) async throws -> NewAPIKey {
        let new = try NewAPIKey.read(bytes, at: now)
        guard let problem = try await ring?.problem(ofNew: new.scopes) else { return new }
        throw NewAPIKey.Problem(message: problem)
    }

    /// Only a hint for people: a record keeps no more of it than any real one has.
    private func userAgent(_ request: AuthRequest) -> String {
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

    private func withRing(
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
