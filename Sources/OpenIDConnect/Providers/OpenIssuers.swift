import Credentials
import Foundation

/// Issuers that give anybody an account: whoever names one and says no more would let the whole world in.
public enum OpenIssuers {
    /// The issuers, each with where it is written. Names are theirs, without a slash at the end.
    ///
    /// It is a list of well-known ones. Others, such as a tenant of somebody's that lets people register themselves, nobody can know.
    private static let known: Set<String> = [
        // https://developers.google.com/identity/openid-connect/openid-connect
        "https://accounts.google.com",
        // https://docs.gitlab.com/integration/openid_connect_provider/
        "https://gitlab.com",
        // https://github.com/login/oauth/.well-known/openid-configuration: OAuth alone; for whoever writes it as an issuer
        "https://github.com", "https://github.com/login/oauth",
        // https://learn.microsoft.com/en-us/entra/identity-platform/id-token-claims-reference: the tenant of all personal accounts
        "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
        // https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc: every tenant's people
        "https://login.microsoftonline.com/common/v2.0", "https://login.microsoftonline.com/consumers/v2.0",
        "https://login.microsoftonline.com/organizations/v2.0", "https://login.live.com",
        // https://developer.apple.com/documentation/signinwithapple/authenticating-users-with-sign-in-with-apple
        "https://appleid.apple.com", "https://account.apple.com",
        // https://api.slack.com/authentication/sign-in-with-slack
        "https://slack.com",
        // https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2
        "https://www.linkedin.com", "https://www.linkedin.com/oauth",
        // https://www.facebook.com/.well-known/openid-configuration
        "https://www.facebook.com", "https://facebook.com",
        // https://dev.twitch.tv/docs/authentication/getting-tokens-oidc/
        "https://id.twitch.tv/oauth2",
        // https://api.login.yahoo.com/.well-known/openid-configuration
        "https://api.login.yahoo.com",
        // https://developers.line.biz/en/docs/line-login/verify-id-token/
        "https://access.line.me",
        // https://discord.com/.well-known/openid-configuration
        "https://discord.com",
        // https://login.salesforce.com/.well-known/openid-configuration
        "https://login.salesforce.com",
        // https://info.orcid.org/documentation/integration-guide/
        "https://orcid.org",
        // https://huggingface.co/docs/hub/oauth
        "https://huggingface.co",
        // https://docs.codeberg.org
        "https://codeberg.org",
    ]

    /// Whether an issuer is known to give anybody an account.
    /// - Parameter issuer: as an operator writes it.
    public static func contains(_ issuer: String) -> Bool {
        var text = issuer.lowercased()
        while text.hasSuffix("/") { text.removeLast() }
        if text.hasPrefix("https://"), let url = URL(string: text), url.port == 443 {
            text = text.replacing(":443", with: "", maxReplacements: 1)
        }
        // Other ways to write the same address.
        if let url = URL(string: text), let host = url.host {
            var name = host
            while name.hasSuffix(".") { name.removeLast() }
            text = "\(url.scheme ?? "")://\(name)\(url.path)"
        }
        return known.contains(text)
    }

    /// Whether people who log in by a provider are anybody.
    /// - Parameter settings: what an operator says of it.
    public static func contains(_ settings: ProviderSettings) -> Bool {
        switch settings.kind {
        case .oidc: contains(settings.issuer.text)
        case .github: GitHubAddresses(authorizationURL: settings.authorizationURL).isOpen
        }
    }

    /// Whether a demand leaves out nobody: every token of an issuer says these in the same way, or can be made to.
    /// - Parameter claim: the claim's name.
    public static func isEverybodys(_ claim: String) -> Bool {
        let path = ClaimPath(named: claim)
        return ["iss", "aud", "azp", "email_verified", "exp", "iat", "nbf", "nonce"].contains(where: path.isClaim)
    }
}
