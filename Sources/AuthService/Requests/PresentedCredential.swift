import APIKeys
import Credentials

/// What a request shows of who it comes from.
enum PresentedCredential: Sendable {
    case header(AuthorizationHeader)
    /// What stands for an API key, and the registry that it is for; nil if it is none, or is over.
    case key(APIKeyDigest?, service: String?)

    /// The registry that it is for; nil if for any.
    var service: String? { if case .key(_, let service) = self { service } else { nil } }

    /// What names the API key that it is, or stands for.
    var keyDigest: APIKeyDigest? {
        switch self {
        case .key(let digest, _): digest
        case .header(.credential(let credential)): APIKey(credential.secret)?.digest
        case .header: nil
        }
    }
}
