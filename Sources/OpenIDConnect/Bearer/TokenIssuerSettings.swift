public import Credentials
import Foundation

/// An issuer of tokens that programs come with: Kubernetes, GitHub Actions, GitLab's jobs, any that publishes its keys.
public struct TokenIssuerSettings: Sendable, Hashable {
    /// As its tokens and its metadata name it.
    public var issuer: Issuer
    /// For whom tokens must be: one of these.
    public var audiences: [String]
    /// What of a token is the user name.
    public var userName = ClaimPath.issuerAndSubject
    /// What of it are the groups; nil for none.
    public var groups: ClaimPath?
    /// How the groups that its tokens state are named here; by its host, if an operator has named it otherwise nowhere.
    public var naming: GroupNaming
    /// What claims must say for a token to count, by the name of a claim or the path to it: one of these values, or a list with one. An issuer
    /// signs for everybody who has a repository, a project or a pod there.
    public var requiredClaims: [String: [ClaimValue]] = [:] {
        didSet { demands = ClaimDemands(requiredClaims) }
    }
    /// The same, read.
    private(set) var demands = ClaimDemands([:])
    /// Where its metadata is, if not below the issuer.
    public var discoveryURL: String?
    /// The algorithms of signatures that count. Never `none`, and none with a shared secret.
    public var algorithms = SignatureAlgorithms.all

    /// Describes an issuer.
    /// - Parameters:
    ///   - issuer: as its tokens and its metadata name it.
    ///   - audiences: for whom tokens must be.
    public init(issuer: Issuer, audiences: [String]) {
        self.issuer = issuer
        naming = GroupNaming(of: GroupName(URL(string: issuer.text)?.host ?? issuer.text))
        self.audiences = audiences
    }
}

/// The algorithms of signatures that are safe to take (RFC 7518, 3.1; RFC 8037).
public enum SignatureAlgorithms {
    /// All of them.
    public static let all = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    ]
}
