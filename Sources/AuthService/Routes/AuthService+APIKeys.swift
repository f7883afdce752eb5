import APIKeys
import Credentials
import Foundation
import HTTPTypes

extension AuthService {
    /// The API-key REST API of zot.
    func answerAPIKeys(_ request: AuthRequest, _ principal: Principal, _ body: BodyReader) async -> AuthResponse {
        guard let ring else { return .notFound("there is nothing at this path") }
        do {
            switch request.method {
            case .get: return try await list(ring, principal)
            case .post: return try await create(ring, request, principal, body)
            default: return try await revoke(ring, request, principal)
            }
        } catch let failure as SourceFailure {
            record(.unavailable(failure), user: principal.userName, request)
            return .unavailable()
        } catch {
            // The client went away in the middle of its body: nobody reads this.
            return .badRequest("the body could not be read")
        }
    }

    private func list(_ ring: APIKeyRing, _ principal: Principal) async throws -> AuthResponse {
        let now = Date.now
        let records = try await ring.records(ownedBy: principal.userName)
        return .json(.ok, APIKeyListBody(apiKeys: records.map { APIKeyBody($0, at: now) }))
    }

    private func create(
        _ ring: APIKeyRing, _ request: AuthRequest, _ principal: Principal, _ body: BodyReader
    ) async throws -> AuthResponse {
        if let denial = denial(principal) { return denial }
        guard let bytes = try await body(CreateAPIKeyBody.maximumLength) else {
            return ErrorBody.response(
                .contentTooLarge, "SIZE_INVALID", "the body has over \(CreateAPIKeyBody.maximumLength) bytes")
        }
        let now = Date.now
        switch NewAPIKey.read(bytes, at: now) {
        case .failure(let problem): return .badRequest(problem.message)
        case .success(let new):
            let (record, key) = try await ring.create(
                owner: principal, label: new.label, scopes: new.scopes, expirationDate: new.expirationDate,
                // Only a hint for people: what is longer than any real one is cut.
                userAgent: String((request.headers[.userAgent] ?? "").prefix(512)), at: now)
            self.record(.keyCreated(by: principal, id: record.id), user: principal.userName, request)
            return .json(.created, APIKeyBody(record, at: now, key: key))
        }
    }

    private func revoke(_ ring: APIKeyRing, _ request: AuthRequest, _ principal: Principal) async throws -> AuthResponse
    {
        if let denial = denial(principal) { return denial }
        let ids = request.queryValues("id")
        guard ids.count == 1, let text = ids.first, !text.isEmpty else {
            return .badRequest("name the key to revoke by one parameter, ?id=UUID")
        }
        guard let id = UUID(uuidString: text), try await ring.revoke(id: id, owner: principal.userName) else {
            return .notFound("you have no API key with this id")
        }
        record(.keyRevoked(by: principal, id: id), user: principal.userName, request)
        return AuthResponse(.ok)
    }

    /// A key with scopes must not make itself one without.
    private func denial(_ principal: Principal) -> AuthResponse? {
        guard case .apiKey(_, let scopes) = principal.method, !scopes.isEmpty else { return nil }
        return ErrorBody.response(
            .forbidden, "DENIED", "an API key that is limited by scopes can neither create nor revoke keys")
    }
}
