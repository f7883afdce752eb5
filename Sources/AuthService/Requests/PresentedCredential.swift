import APIKeys
import Credentials
import RegistryTokens
import Sessions

/// What a request shows of who it comes from.
enum PresentedCredential: Sendable {
    case header(AuthorizationHeader)
    /// A refresh token, opened; nil if it is none, is over, or is for another registry.
    case refresh(RefreshToken.Content?)
    /// A browser's session: the tokens that may name it.
    case session([SessionToken])

    /// The registry that it is for; nil if for any.
    var service: String? { if case .refresh(let content) = self { content?.service } else { nil } }

    /// Whose refresh token may be made of it: of an API key, or of a refresh token for the same.
    var holder: RefreshToken.Holder? {
        switch self {
        case .refresh(let content): content?.holder
        case .header(.credential(let credential)):
            APIKey(credential.secret).map { .key(digest: $0.digest.hexadecimal) }
        case .header, .session: nil
        }
    }
}
