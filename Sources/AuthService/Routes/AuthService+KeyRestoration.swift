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
}
