import APIKeys
import Credentials
import Foundation

/// Whose a new key is: a person's, or a service account's for which a person answers.
struct KeyHolder {
    /// The person.
    let owner: CredentialOwner
    /// The service account; nil for a key of the person's own.
    let account: UserName?
    /// The person as they have come in, by their password; nil where nothing new is known of them.
    private let person: Principal?

    /// Whoever came in. For a service account it is who answers for the key that it came by.
    /// - Parameter maker: the key that they came by; nil if they came by none.
    init(_ principal: Principal, _ maker: APIKeyRecord?) {
        owner = maker?.owner ?? CredentialOwner(principal)
        account = maker?.serviceAccount
        person = principal.method == .password ? principal : nil
    }

    private init(owner: CredentialOwner, account: UserName?, person: Principal?) {
        (self.owner, self.account, self.person) = (owner, account, person)
    }

    /// The same person, who answers for a service account.
    func answering(for account: UserName) -> KeyHolder { KeyHolder(owner: owner, account: account, person: person) }

    /// What their source has just said of them: who came by a key has shown no source anything, and an old key must not make its owner young.
    func vouched(at now: Date) -> OwnerRecord? { person.map { OwnerRecord(owner, principal: $0, date: now) } }
}
