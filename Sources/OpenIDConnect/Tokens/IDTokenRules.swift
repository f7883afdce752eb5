import Credentials
import Foundation

/// What an ID token whose signature is right must say (OpenID Connect Core 1.0, 3.1.3.7).
struct IDTokenRules: Sendable {
    let issuer: Issuer
    let clientID: String
    /// How far clocks may be apart, in seconds.
    static let leeway: TimeInterval = 60
    /// The oldest that counts: a code is exchanged at once, and its token is new.
    static let maximumAge: TimeInterval = 600

    /// Checks a token's claims.
    /// - Parameters:
    ///   - claims: what it says.
    ///   - nonce: what was sent with the request that it answers.
    ///   - isFresh: whether it was asked for that the person shows anew who they are.
    ///   - now: the time.
    /// - Throws: ``LoginProblem`` that names the first claim that is wrong.
    func check(_ claims: Claims, nonce: String, isFresh: Bool = false, at now: Date) throws(LoginProblem) {
        guard claims["iss"]?.isText(issuer) ?? false else { throw .token("iss names another issuer") }
        guard let subject = claims["sub"]?.text, !subject.isEmpty, subject.utf8.count <= 255 else {
            throw .token("sub is missing, or no text of 1 to 255 bytes")
        }
        let audiences = claims["aud"]?.texts ?? []
        guard claims["aud"]?.names(clientID) ?? false else { throw .token("aud does not name this client") }
        if let party = claims["azp"] {
            guard party.isText(clientID) else { throw .token("azp names another client") }
        } else if audiences.count > 1 {
            throw .token("aud names several, and no azp says for whom it is")
        }
        let time = now.timeIntervalSince1970
        guard let end = claims["exp"]?.number, end + Self.leeway > time else { throw .token("exp is over, or missing") }
        guard let issued = claims["iat"]?.number, issued - Self.leeway < time else {
            throw .token("iat lies in the future, or is missing")
        }
        guard time - issued < Self.maximumAge else { throw .token("iat is too long ago") }
        if let begin = claims["nbf"] {
            guard let begin = begin.number, begin - Self.leeway < time else { throw .token("nbf lies in the future") }
        }
        guard let given = claims["nonce"]?.text, Secret(given).isEqualInConstantTime(to: nonce.utf8) else {
            throw .token("nonce is not the one that was sent")
        }
        // With max_age the provider must say when (OpenID Connect Core 1.0, 3.1.2.1).
        if isFresh {
            guard let shown = claims["auth_time"]?.number else { throw .notFresh("the ID token has no auth_time") }
            guard time - shown < Self.maximumAge, shown - Self.leeway < time else {
                throw .notFresh("auth_time in the ID token is too long ago, or in the future")
            }
        }
    }
}
