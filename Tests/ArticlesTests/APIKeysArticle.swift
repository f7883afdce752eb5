// The code of Sources/APIKeys/APIKeys.docc/AKeyAndItsOwner.md: ArticlesTests compares the two.
import APIKeys
import Credentials
import Foundation

enum APIKeysArticle {
    static func use(
        store: some APIKeyStore & OwnerStore, users: some UserDirectory, principal: Principal
    ) async throws -> Bool {
        let ring = APIKeyRing(store: store)
        let (record, key) = try await ring.create(
            owner: principal, label: "laptop", scopes: [], expirationDate: .now.addingTimeInterval(90 * 86_400),
            userAgent: "")
        print(key.text)  // zak_…, once and never again

        let owners = OwnerCheck(directories: [users], store: store)
        let keys = APIKeySource(ring: ring, owners: owners)
        switch await keys.judge(BasicCredential(userName: principal.userName, secret: Secret(key.text))) {
        case .authenticated(let principal): print(principal.method.name, principal.groups.map(\.name))
        case .rejected(let reason, of: _): print("no:", reason.rawValue)
        case .unknownUser, .unavailable: print("nobody can tell")
        }

        owners.vouch(for: principal)
        try await ring.writeUses()
        try await owners.writeOwners()

        let revoked = try await ring.revoke(.own(record.id, CredentialOwner(principal)), cause: .owner)
        print(revoked.count)  // durable, and the key works nowhere, when this returns
        return revoked.count == 1
    }
}
