import Credentials
import Foundation

/// What a token whose signature is right must say, and who its bearer is by that: pure functions.
enum TokenRules {
    /// Who a bearer is, and until when.
    struct Bearer: Sendable, Hashable {
        var principal: Principal
        var end: Date
        /// Who vouches for the name.
        var issuer: Issuer
    }

    /// Judges a token of an issuer that publishes its keys.
    /// - Returns: the bearer, or why it is refused.
    static func judge(
        _ claims: Claims, _ settings: TokenIssuerSettings, at now: Date
    ) -> Result<Bearer, TokenRefusal> {
        guard claims["iss"]?.isText(settings.issuer) ?? false, let subject = claims["sub"]?.text, !subject.isEmpty,
            subject.utf8.count <= 255
        else { return .failure(.init(.tokenUntrusted)) }
        guard let audience = claims["aud"], settings.audiences.contains(where: audience.names) else {
            return .failure(.init(.tokenForOthers))
        }
        guard let end = end(of: claims, at: now) else { return .failure(.init(.tokenExpired)) }
        guard settings.demands.unmet(by: claims) == nil else { return .failure(.init(.tokenNotAllowed)) }
        guard let text = settings.userName.value(in: claims)?.name,
            !settings.userName.isClaim("email") || claims.isEmailVerified
        else { return .failure(.init(.tokenWithoutName)) }
        let stated: [String]
        do throws(GroupClaim.Problem) {
            stated =
                try settings.groups.map { (path) throws(GroupClaim.Problem) in
                    try GroupClaim(path).names(in: claims)
                } ?? []
        } catch {
            return .failure(.init(.tokenGroupsUnusable))
        }
        let (name, groups): (UserName, [GroupName])
        do throws(NameProblem) {
            name = try UserName(exactly: text)
            groups = try stated.map { (text) throws(NameProblem) in try GroupName(exactly: text) }
        } catch {
            return .failure(.init(.unusableName))
        }
        return .success(
            Bearer(
                principal: Principal(
                    userName: name, groups: settings.naming.groups(groups), source: .bearer,
                    method: .token(scopes: nil), identity: Identity(settings.issuer, Subject(subject))), end: end,
                issuer: settings.issuer))
    }

    /// Judges a registry's token that somebody else has signed (Distribution, "Token Authentication Implementation").
    static func judge(
        _ claims: Claims, _ signer: RegistryTokenSigner, at now: Date
    ) -> Result<Bearer, TokenRefusal> {
        if let issuer = signer.issuer {
            guard claims["iss"]?.isText(issuer) ?? false else { return .failure(.init(.tokenUntrusted)) }
        }
        guard claims["aud"]?.names(signer.service) ?? false else {
            return .failure(.init(.tokenForOthers))
        }
        guard let end = end(of: claims, at: now) else { return .failure(.init(.tokenExpired)) }
        guard let text = claims["sub"]?.text else { return .failure(.init(.tokenWithoutName)) }
        guard let name = try? UserName(exactly: text) else { return .failure(.init(.unusableName)) }
        let (scopes, first) = scopes(claims["access"], at: now)
        let issuer = Issuer(claims["iss"]?.text ?? "")
        return .success(
            Bearer(
                principal: Principal(
                    userName: name, source: .bearer, method: .token(scopes: scopes),
                    identity: Identity(issuer, Subject(text))), end: min(end, first ?? end), issuer: issuer))
    }

    /// When a token's time is over.
    /// - Returns: nil if it is, or has not begun; one that says no end is good for nothing.
    private static func end(of claims: Claims, at now: Date) -> Date? {
        let time = now.timeIntervalSince1970
        guard let end = claims["exp"]?.number, end + IDTokenRules.leeway > time else { return nil }
        for name in ["nbf", "iat"] {
            guard let begin = claims[name] else { continue }
            guard let begin = begin.number, begin - IDTokenRules.leeway < time else { return nil }
        }
        return Date(timeIntervalSince1970: end + IDTokenRules.leeway)
    }

    /// What a token lets its bearer do, as scopes. What is no repository, or has another form, grants nothing.
    /// - Returns: the scopes, and when the first of them ends, if one says so.
    private static func scopes(_ access: Claims.Value?, at now: Date) -> ([Scope], Date?) {
        guard case .array(let entries)? = access else { return ([], nil) }
        var (scopes, first): ([Scope], Date?) = ([], nil)
        for case .object(let entry) in entries.prefix(1000) where entry["type"]?.text == "repository" {
            // Nothing of it is a pattern to us.
            guard let name = entry["name"]?.text, name.wholeMatch(of: #/[a-z0-9]+([._\/-]+[a-z0-9]+)*/#) != nil else {
                continue
            }
            if let end = entry["exp"]?.number.map({ Date(timeIntervalSince1970: $0) }) {
                guard end > now else { continue }
                first = min(end, first ?? end)
            }
            let actions = (entry["actions"]?.texts ?? []).flatMap(rights)
            if !actions.isEmpty, let scope = Scope("\(name):\(actions.joined(separator: ","))") { scopes.append(scope) }
        }
        return (scopes, first)
    }

    private static func rights(of action: String) -> [String] {
        switch action {
        case "pull": ["read"]
        case "push": ["create", "update"]
        case "delete": ["delete"]
        case "*": ["read", "create", "update", "delete"]
        default: []
        }
    }
}

/// Why a token is refused.
struct TokenRefusal: Error, Hashable {
    let reason: RefusalReason

    init(_ reason: RefusalReason) { self.reason = reason }
}
