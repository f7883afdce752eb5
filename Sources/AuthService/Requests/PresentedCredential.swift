import APIKeys
import Credentials

/// What a request shows of who it comes from.
enum PresentedCredential: Sendable {
    case header(AuthorizationHeader)
    /// What stands for an API key; nil if it is none, or is over.
    case key(APIKeyDigest?)

    /// What names the API key that it is, or stands for.
    var keyDigest: APIKeyDigest? {
        switch self {
        case .key(let digest): digest
        case .header(.credential(let credential)): APIKey(credential.secret)?.digest
        case .header: nil
        }
    }
}
