import Credentials
import Foundation

/// What a provider publishes of itself (OpenID Connect Discovery 1.0, 3), as far as it matters here.
struct ProviderMetadata: Decodable, Sendable {
    var issuer: String
    /// What an issuer of tokens alone has not.
    private var authorizationEndpoint: String?
    private var tokenEndpoint: String?
    var userinfoEndpoint: String?
    var endSessionEndpoint: String?
    var keysURL: String
    var authenticationMethods: [String]?
    /// Whether it says in its answers who it is (RFC 9207).
    var namesItself: Bool?
    /// What it can be asked to do with people who are logged in there (Initiating User Registration via OpenID Connect 1.0, 4.1).
    private var prompts: [String]?

    private enum CodingKeys: String, CodingKey {
        case issuer
        case authorizationEndpoint = "authorization_endpoint"
        case tokenEndpoint = "token_endpoint"
        case userinfoEndpoint = "userinfo_endpoint"
        case endSessionEndpoint = "end_session_endpoint"
        case keysURL = "jwks_uri"
        case authenticationMethods = "token_endpoint_auth_methods_supported"
        case namesItself = "authorization_response_iss_parameter_supported"
        case prompts = "prompt_values_supported"
    }

    /// Where a provider publishes it: `/.well-known/openid-configuration` below its issuer.
    static func url(ofIssuer issuer: Issuer) -> String {
        (issuer.text.hasSuffix("/") ? String(issuer.text.dropLast()) : issuer.text)
            + "/.well-known/openid-configuration"
    }

    /// Reads and checks it.
    /// - Parameters:
    ///   - body: the document.
    ///   - issuer: whose it must be.
    ///   - authorizationURL: where people log in, if the operator knows better.
    ///   - tokenURL: where codes are exchanged, likewise.
    /// - Throws: ``LoginProblem`` for another issuer's (Discovery 1.0, 4.3: they must be the very same), and for addresses that are none.
    init(
        _ body: [UInt8], issuer: Issuer, authorizationURL: String? = nil, tokenURL: String? = nil
    ) throws(LoginProblem) {
        guard let metadata = try? JSONDecoder().decode(Self.self, from: Data(body)) else {
            throw .provider(
                "its metadata can't be read: a field of OpenID Connect Discovery is missing or of another type")
        }
        guard metadata.issuer.hasSameBytes(as: issuer.text) else {
            throw .provider("its metadata names another issuer than the configuration does")
        }
        self = metadata
        if let url = authorizationURL { authorizationEndpoint = url }
        if let url = tokenURL { tokenEndpoint = url }
        try check([keysURL, userinfoEndpoint, endSessionEndpoint])
    }

    /// Where people log in, and where their codes are exchanged.
    /// - Throws: ``LoginProblem`` for an issuer that has no such places: Kubernetes signs tokens, and lets nobody log in.
    func login() throws(LoginProblem) -> (authorization: String, token: String) {
        guard let authorizationEndpoint, let tokenEndpoint else {
            throw .provider("its metadata names no authorization_endpoint or no token_endpoint")
        }
        try check([authorizationEndpoint, tokenEndpoint])
        return (authorizationEndpoint, tokenEndpoint)
    }

    /// How to ask that people show anew who they are: by a login where the provider takes that word, else by choosing an account.
    /// - Returns: the value of `prompt` (OpenID Connect Core 1.0, 3.1.2.1); nil if it takes neither.
    var promptForLogin: String? {
        // Google publishes no list, and refuses "login": it documents none, consent and select_account
        // (https://developers.google.com/identity/openid-connect/openid-connect, "prompt").
        if issuer == "https://accounts.google.com" { return "select_account" }
        guard let prompts else { return "login" }
        return ["login", "select_account"].first(where: prompts.contains)
    }

    private func check(_ urls: [String?]) throws(LoginProblem) {
        let isPlain = issuer.hasPrefix("http://")
        guard urls.compactMap(\.self).allSatisfy({ Self.isUsable($0, allowsPlain: isPlain) }) else {
            throw .provider("its metadata names an address that is none of https")
        }
    }

    /// A provider that the operator reaches by https sends nobody elsewhere without it.
    private static func isUsable(_ text: String, allowsPlain: Bool) -> Bool {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), let host = url.host, !host.isEmpty,
            url.fragment == nil
        else { return false }
        return scheme == "https" || allowsPlain && scheme == "http"
    }
}
