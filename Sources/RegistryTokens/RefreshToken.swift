public import Credentials
import Crypto
import Foundation

/// What a client may keep instead of a credential, to get registry tokens with: as good as the API key or the password that it stands for, and no longer.
public enum RefreshToken {
    /// What it stands for.
    public struct Content: Sendable, Hashable, Codable {
        /// Whose it is, and by what.
        public let holder: Holder
        /// The registry that it is for.
        public let service: String

        /// - Parameters:
        ///   - holder: whose it is, and by what.
        ///   - service: the registry that it is for.
        public init(_ holder: Holder, service: String) {
            self.holder = holder
            self.service = service
        }
    }

    /// Whose a refresh token is, and what it must not outlive.
    public enum Holder: Sendable, Hashable, Codable {
        /// Whoever has an API key: what names it, its digest in hexadecimal.
        case key(digest: String)
        /// Whom a source has known by their password: by the source's name for them, and what changes with the password, in hexadecimal.
        case person(userName: UserName, source: String, identity: Identity, passwordState: String)
    }

    private struct Sealed: Codable {
        var content: Content
        var end: Date
    }

    private static let purpose = "refresh token 2"
    private static let maximumLength = 4096

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
