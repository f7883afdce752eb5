import Crypto
import Foundation

/// What a client may keep instead of a credential, to get registry tokens with: as good as the API key that it stands for, and no longer.
public enum RefreshToken {
    /// What it stands for.
    public struct Content: Sendable, Hashable, Codable {
        /// What names the API key: its digest in hexadecimal.
        public let digest: String
        /// The registry that it is for.
        public let service: String

        /// - Parameters:
        ///   - digest: what names the API key.
        ///   - service: the registry that it is for.
        public init(digest: String, service: String) {
            self.digest = digest
            self.service = service
        }
    }

    private struct Sealed: Codable {
        var content: Content
        var end: Date
    }

    private static let purpose = "refresh token 1"
    private static let maximumLength = 1024

    static func seal(_ content: Content, until end: Date, with key: TokenKey) throws -> String {
        let text = try JSONEncoder().encode(Sealed(content: content, end: end))
        return Base64URL.encode(try ChaChaPoly.seal(text, using: key.secret(purpose)).combined)
    }

    static func open(_ text: String, at date: Date, with key: TokenKey) -> Content? {
        guard text.utf8.count <= maximumLength, let bytes = Base64URL.decode(text),
            let box = try? ChaChaPoly.SealedBox(combined: bytes),
            let opened = try? ChaChaPoly.open(box, using: key.secret(purpose)),
            let sealed = try? JSONDecoder().decode(Sealed.self, from: opened), sealed.end > date
        else { return nil }
        return sealed.content
    }
}
