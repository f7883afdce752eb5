import APIKeys
import Credentials
import Foundation
import HTTPTypes

/// The API-key REST API of zot.
extension AuthService {
    func listAPIKeys(_ request: AuthRequest, _ principal: Principal) async -> AuthResponse {
        await withRing(request, principal) { ring in
            let now = Date.now
            let records = try await ring.records(ownedBy: principal.userName)
            return .json(.ok, APIKeyListBody(apiKeys: records.map { APIKeyBody($0, at: now) }))
        }
    }

    func createAPIKey(_ request: AuthRequest, _ principal: Principal, _ body: BodyReader) async -> AuthResponse {
        await withRing(request, principal) { ring in
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
                    userAgent: String((request.field(FieldNames.userAgent) ?? "").prefix(512)), at: now)
                self.record(.keyCreated(by: principal, id: record.id), user: principal.userName, request)
                return .json(.created, APIKeyBody(record, at: now, key: key))
            }
        }
    }

    func revokeAPIKey(_ request: AuthRequest, _ principal: Principal) async -> AuthResponse {
        await withRing(request, principal) { ring in
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
    }

    private func withRing(
        _ request: AuthRequest, _ principal: Principal, _ answer: (APIKeyRing) async throws -> AuthResponse
    ) async -> AuthResponse {
        guard let ring else { return .notFound("there is nothing at this path") }
        do {
            return try await answer(ring)
        } catch let failure as SourceFailure {
            record(.unavailable(failure), user: principal.userName, request)
            return .unavailable()
        } catch {
            // The client went away in the middle of its body: nobody reads this.
            return .badRequest("the body could not be read")
        }
    }
}
