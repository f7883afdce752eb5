import APIKeys
import Credentials
import Foundation
import HTTPTypes

extension AuthService {
    /// Takes back that somebody's keys have ended because the htpasswd file had them no more.
    func restoreAPIKeys(_ request: AuthRequest, _ principal: Principal) async -> AuthResponse {
        await withRing(request, principal) { ring in
            guard isAdministrator(principal) else { return .notFound("there is nothing at this path") }
            let (names, everybody) = (
                request.queryValues("user").map { UserName($0) }, request.queryValues("everybody")
            )
            let name = names.first
            guard names.count + everybody.count == 1, name != nil || everybody == ["true"] else {
                return .badRequest("name whose keys are to be restored by one parameter, ?user=NAME or ?everybody=true")
            }
            let restored = try await ring.restore(name, to: .htpasswd) { name in
                await owners?.has(name, in: .htpasswd) ?? false
            }
            alertAdministration("restore", name ?? "everybody", principal, request)
            for key in restored {
                let owner = key.serviceAccount ?? key.owner.userName
                record(.keyRestored(by: principal, id: key.id, owner: owner), user: principal.userName, request)
            }
            guard !restored.isEmpty else {
                return .notFound(
                    "there is no API key that has ended because the htpasswd file had its owner no more, and whose owner it has now"
                )
            }
            return .json(.ok, RestoredKeysBody(restored: restored.map { $0.id.uuidString.lowercased() }))
        }
    }
}
