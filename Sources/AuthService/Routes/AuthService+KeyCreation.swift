import APIKeys
import Credentials
import Foundation
import HTTPTypes

/// New API keys: whose they are, and who may have them made.
extension AuthService {
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

    private func isWorking(_ key: APIKeyRecord) -> Bool {
        key.revocation == nil && !key.isExpired(at: ring?.now ?? .now)
    }

    /// The key that somebody came by who makes keys; nil if they came by none.
    func maker(_ principal: Principal, _ ring: APIKeyRing) async throws -> APIKeyRecord? {
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
}
