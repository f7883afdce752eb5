import AuthService
import Credentials
import OpenIDConnect
import Sessions

/// Whether somebody is still who a login at a provider has shown: by the configuration that is in force, not by the one of the login.
///
/// A session that began by a provider, or by a link to a person of another source, which the operator has taken back is over.
struct SessionOrigins: Sendable {
    private let providers: [SourceName: ProviderSettings]
    private let links: [LinkedIdentity: UserName]
    private let owners: OwnerCheck

    /// - Parameters:
    ///   - openID: the providers and links that are in force; nil for none.
    ///   - owners: finds whom a link leads to.
    init(_ openID: OpenIDSection.Settings?, _ owners: OwnerCheck) {
        providers = Dictionary((openID?.providers ?? []).map { ($0.source, $0) }) { first, _ in first }
        links = openID?.links ?? [:]
        self.owners = owners
    }

    /// What the configuration alone says of a session.
    enum Word {
        /// Whoever logged in has an identity of the provider's own.
        case own
        /// They are whom the operator names.
        case linked(UserName)
        /// The provider, its issuer or the link is there no more.
        case takenBack
    }

    /// What the configuration says of a session of somebody.
    /// - Parameters:
    ///   - source: the source that the session's owner is of.
    ///   - identity: who the owner is there.
    ///   - session: the session at the provider.
    func word(source: SourceName, identity: Identity, _ session: ProviderSession) -> Word {
        guard let provider = providers[session.source] else { return .takenBack }
        guard let subject = session.identity.subject(of: provider.issuer) else { return .takenBack }
        if source == session.source, identity == session.identity { return .own }
        return links[LinkedIdentity(provider: provider.name, subject: subject)].map { .linked($0) } ?? .takenBack
    }

    /// Whether a session is still its owner's.
    /// - Parameters:
    ///   - person: the owner, as their source knows them today.
    ///   - session: the session at the provider.
    func isStill(_ person: Principal, _ session: ProviderSession) async -> Bool {
        switch word(source: person.source, identity: person.identity, session) {
        case .own: return true
        case .takenBack: return false
        case .linked(let name):
            if name == person.userName { return true }
            switch await owners.person(named: name) {
            case .found(let linked):
                return linked.source == person.source && linked.identity == person.identity
            case .absent, .disabled: return false
            // Their own source has just vouched for them, and the link is there: an outage is no refusal.
            case .unavailable: return true
            }
        }
    }
}
