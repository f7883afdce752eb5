public import Credentials
import Foundation

/// What an operator says of one provider that people log in with.
public struct ProviderSettings: Sendable {
    /// What a provider speaks.
    public enum Kind: String, Sendable, CaseIterable {
        /// OpenID Connect: Dex, Keycloak, Entra ID, Google, GitLab, any other.
        case oidc
        /// GitHub's OAuth 2.0, which has no ID tokens.
        case github
    }

    /// How this client shows the provider who it is (OpenID Connect Core 1.0, 9).
    public enum ClientAuthentication: Sendable {
        /// The secret, by HTTP's Basic scheme or in the form, as the provider's metadata says.
        case secret(Secret)
        /// A signed assertion (RFC 7523): the private key in PEM, P-256 or RSA.
        case privateKey(pem: Secret, keyID: String?)
        /// None: a public client, which PKCE alone protects.
        case none
    }

    /// How a secret goes to the token endpoint.
    public enum SecretMethod: String, Sendable, CaseIterable {
        /// By HTTP's Basic scheme, both parts encoded as in a form (RFC 6749, 2.3.1). Not every provider decodes them.
        case basic = "client_secret_basic"
        /// In the form.
        case post = "client_secret_post"
    }

    /// Whether the provider says when somebody has shown it who they are (`auth_time`).
    public enum AuthenticationTime: String, Sendable, CaseIterable {
        /// It does, and a fresh login counts by that (OpenID Connect Core 1.0, 3.1.2.1).
        case required
        /// It does not, or not truly: a fresh login is asked for, and counts when it comes back.
        case none
    }

    /// Its name in paths and in the configuration: letters, digits, `-` and `_`.
    public var name: String
    /// Its name for people.
    public var displayName: String
    /// What it speaks.
    public var kind: Kind
    /// The issuer, exactly as its metadata names it; for GitHub `https://github.com` or the server's own address.
    public var issuer: Issuer
    /// The client's id.
    public var clientID: String
    /// How the client shows who it is.
    public var authentication: ClientAuthentication
    /// How the secret goes to the provider; nil to go by what it publishes.
    public var secretMethod: SecretMethod?
    /// What is asked for; `openid` is added for OpenID Connect.
    public var scopes: [String]
    /// Which claims say who somebody is.
    public var claims = ClaimMapping()
    /// How the groups that it states are named here.
    public var groupNaming: GroupNaming
    /// Whether the names that it gives are as good as the operator's: its people can't choose them.
    public var namesAreTrusted = false
    /// The algorithms of signatures that count (RFC 7518, 3.1). Never `none`, and none with a shared secret.
    public var algorithms = SignatureAlgorithms.all
    /// Where people log in, if it is not what the metadata, or GitHub's address, says.
    public var authorizationURL: String?
    /// Where codes are exchanged, likewise.
    public var tokenURL: String?
    /// Where its metadata is, if not below the issuer.
    public var discoveryURL: String?

    /// What claims must say for a login to count, such as `hd` at Google, where anybody has an account: one of these values, or a list with
    /// one, by the name of a claim or the path to it.
    public var requiredClaims: [String: [ClaimValue]] = [:] {
        didSet { demands = ClaimDemands(requiredClaims) }
    }
    /// The same, read.
    private(set) var demands = ClaimDemands([:])
    /// The organizations of GitHub whose members may log in: being in one is enough. Empty for all who have an account.
    public var organizations: [String] = []
    /// Whether the provider says when somebody has shown it who they are.
    public var authenticationTime = AuthenticationTime.required
    /// Whether the API keys of whoever's sessions the provider ends are revoked too.
    public var logoutRevokesKeys = false

    /// Describes a provider.
    public init(
        name: String, displayName: String? = nil, kind: Kind = .oidc, issuer: Issuer, clientID: String,
        authentication: ClientAuthentication, scopes: [String]
    ) {
        self.name = name
        groupNaming = GroupNaming(of: GroupName(name))
        self.displayName = displayName ?? name
        self.kind = kind
        self.issuer = issuer
        self.clientID = clientID
        self.authentication = authentication
        self.scopes = scopes
    }

    /// The source that its people belong to, in the records of sessions and keys.
    public var source: SourceName { SourceName(rawValue: "openid:\(name)") }
}
