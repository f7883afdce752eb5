public import Credentials
import Crypto
public import Foundation

/// What a provider says when somebody's session there has ended (OpenID Connect Back-Channel Logout 1.0, 2.4).
public struct LogoutToken: Sendable, Hashable {
    /// Whose session it was: issuer and subject; nil if the provider names the session alone.
    public let identity: Identity?
    /// The subject alone.
    public let subject: Subject?
    /// What the provider calls the session; nil if all of them have ended.
    public let session: String?
    /// What tells the token from all others, also of other providers: a digest, as it comes from outside.
    public let id: String
    /// When the provider made it.
    public let issued: Date
    /// When nobody takes it any more, whose clock soever it goes by.
    public let end: Date

    /// How far the clocks of a provider and of this server may differ, in seconds.
    public static let leeway = IDTokenRules.leeway

    /// The one event that it tells of.
    private static let event = "http://schemas.openid.net/event/backchannel-logout"
    /// The oldest that counts, in seconds: providers send them at once.
    private static let maximumAge: TimeInterval = 300

    /// Reads a token whose signature is right (2.6).
    /// - Parameters:
    ///   - claims: what it says.
    ///   - issuer: whose it must be.
    ///   - clientID: whom it must be for.
    ///   - now: the time.
    /// - Throws: ``LoginProblem`` that names the first claim that is wrong.
    init(_ claims: Claims, issuer: Issuer, clientID: String, at now: Date) throws(LoginProblem) {
        guard claims["iss"]?.isText(issuer) ?? false else { throw .token("iss names another issuer") }
        guard claims["aud"]?.names(clientID) ?? false else { throw .token("aud does not name this client") }
        // What has one is an ID token.
        guard claims.values["nonce"] == nil else { throw .token("it has a nonce, which a logout token has not") }
        guard case .object(let events)? = claims["events"], case .object? = events[Self.event] else {
            throw .token("events does not tell of a logout")
        }
        let time = now.timeIntervalSince1970
        guard let issued = claims["iat"]?.number, issued - IDTokenRules.leeway < time, time - issued < Self.maximumAge
        else { throw .token("iat is missing, too long ago, or in the future") }
        // Drafts of the standard had none.
        if let end = claims["exp"] {
            guard let end = end.number, end + IDTokenRules.leeway > time else { throw .token("exp is over") }
        }
        guard let id = claims["jti"]?.text, !id.isEmpty, id.utf8.count <= 255 else { throw .token("jti is missing") }
        self.id = "logout:" + SHA256.hash(data: Data("\(issuer)\n\(id)".utf8)).hexadecimal
        self.issued = Date(timeIntervalSince1970: issued)
        end = self.issued.addingTimeInterval(Self.maximumAge + IDTokenRules.leeway)
        let (subject, session) = (claims["sub"]?.text, claims["sid"]?.text)
        guard subject?.isEmpty != true, session?.isEmpty != true, subject != nil || session != nil else {
            throw .token("it names neither a subject nor a session")
        }
        identity = subject.map { Identity(issuer, Subject($0)) }
        self.subject = subject.map { Subject($0) }
        self.session = session
    }

    /// Whether a session was there when the provider made the token: one that has begun since goes on, however late the token comes, or however
    /// often.
    ///
    /// Told by the provider's own clock where that can be had: whoever logs out a moment after their login must not stay, because two clocks differ.
    /// - Parameters:
    ///   - idToken: the ID token by which the session began; nil if there is none.
    ///   - begun: when the session began, by this server's clock.
    public func covers(sessionOf idToken: Secret?, begun: Date) -> Bool {
        if let login = idToken.flatMap({ IssueTime(of: $0) }) { return login.date < issued.addingTimeInterval(1) }
        return begun < issued.addingTimeInterval(IDTokenRules.leeway)
    }
}
