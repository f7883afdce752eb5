public import Credentials
import Crypto
import Foundation
public import OpenIDConnect
public import Sessions

/// The providers that people log in with, and what is kept of logins that are under way.
public struct ProviderLogins: Sendable {
    /// In the order in which they are offered.
    public let providers: [IdentityProvider]
    /// Who has logged in.
    let identities: any IdentityStore
    /// Who has which name.
    let names: NameBook
    /// How the groups of each provider are named.
    let naming: [SourceName: GroupNaming]
    /// Who some identities are, by an operator's word.
    let links: [LinkedIdentity: UserName]
    private let byName: [String: IdentityProvider]
    private let seal: LoginSeal
    /// Where the providers send browsers back to, such as `https://auth.example.org`.
    let origin: String
    /// How long a login is good for: whoever has not logged in for so long is gone.
    let lifetime: Duration
    /// Logins of which somebody has come back: nobody does a second time.
    private let ended = Locked(LRUCache<String, Date>(capacity: 65_536))

    /// Describes them.
    /// - Parameters:
    ///   - providers: in the order in which they are offered.
    ///   - identities: who has logged in.
    ///   - names: who has which name.
    ///   - seal: seals what a browser carries while a login is under way.
    ///   - origin: where clients come in.
    ///   - lifetime: how long a login is good for.
    ///   - links: the user names that an operator gives to some identities.
    public init(
        providers: [IdentityProvider], identities: any IdentityStore, names: NameBook, seal: LoginSeal,
        origin: String, lifetime: Duration, links: [LinkedIdentity: UserName] = [:]
    ) {
        self.links = links
        self.names = names
        naming = Dictionary(providers.map { ($0.settings.source, $0.settings.groupNaming) }) { first, _ in first }
        self.providers = providers
        self.identities = identities
        self.seal = seal
        self.origin = origin
        self.lifetime = lifetime
        byName = Dictionary(providers.map { ($0.settings.name, $0) }) { first, _ in first }
    }

    subscript(name: String) -> IdentityProvider? { byName[name] }

    /// The cookie of a login: each has its own, so that two tabs do not meet.
    static func cookieName(ofState state: String, isSecure: Bool) -> String {
        (isSecure ? "__Host-" : "") + "latchkey-login-"
            + state.prefix(8).filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
    }

    func seal(_ login: PendingLogin) -> String? { seal.seal(login) }

    /// Notes that a browser has come back from a login.
    /// - Returns: whether it is the first time, at whatever node.
    /// - Throws: `SourceFailure` if it could not be stored: then it has not ended, and the same way back is good once more.
    func end(_ login: PendingLogin, at now: Date) async throws(SourceFailure) -> Bool {
        let isFirst = try await identities.endLogin(
            SHA256.hash(data: Data(login.state.utf8)).hexadecimal, until: now + PendingLogin.lifetime, at: now)
        // Not before the store has it: what it could not note must not count as done here.
        ended.withLock { $0[login.state] = now }
        return isFirst
    }

    /// Whether somebody may still come back from a login, as far as this node knows.
    func isUnderWay(_ login: PendingLogin, at now: Date) -> Bool {
        !login.isOver(at: now) && ended.withLock { $0[login.state] == nil }
    }

    /// Opens a login that a browser has brought back. What this node has seen already needs no look into the store.
    /// - Returns: nil for one that was not begun here, and for one of which somebody has come back to this node.
    func open(_ text: String, state: String) -> PendingLogin? {
        guard let login = seal.open(text), Secret(login.state).isEqualInConstantTime(to: state.utf8) else { return nil }
        return ended.withLock { $0[login.state] == nil } ? login : nil
    }
}
