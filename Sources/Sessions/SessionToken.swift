package import Credentials

/// What a browser holds after a login: 256 random bits in 43 characters of base64url (RFC 4648, 5), and nothing else.
///
/// A store knows it by its SHA-256 alone. `description` never shows it.
public struct SessionToken: Sendable, Equatable {
    /// Its text, for the cookie.
    public let text: String
    /// What the store knows it by.
    public var digest: SessionDigest { SessionDigest(.sha256(of: Array(text.utf8))) }

    private static let length = 43
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// Makes a new one from the system's generator.
    /// - Returns: a token that nobody has.
    public static func random() -> SessionToken {
        var generator = SystemRandomNumberGenerator()
        // 43 characters have 258 bits.
        return SessionToken(
            unchecked: String(
                decoding: (0..<length).map { _ in alphabet[Int.random(in: 0..<64, using: &generator)] }, as: UTF8.self))
    }

    /// Reads a token.
    /// - Parameter text: the value of a cookie.
    /// - Returns: nil if it does not have exactly the form of one.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == Self.length, text.utf8.allSatisfy(Self.alphabet.contains) else { return nil }
        self.text = String(text)
    }

    private init(unchecked text: String) { self.text = text }
}

extension SessionToken: CustomStringConvertible, CustomReflectable {
    /// Always the same words, whatever the token is.
    public var description: String { "<session token>" }
    /// A mirror without children, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The SHA-256 of a session's token: what a store keeps instead of it.
public struct SessionDigest: Sendable, Hashable {
    /// What a memory knows the session by.
    package let digest: Bits256

    init(_ digest: Bits256) { self.digest = digest }

    /// Takes a digest out of a store.
    /// - Parameter bytes: the 32 bytes.
    /// - Returns: nil if there are not 32.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        digest = Bits256(bytes)
    }

    /// The 32 bytes of the digest.
    public var bytes: [UInt8] { digest.bytes }

    /// Whether both are of one session.
    public static func == (left: Self, right: Self) -> Bool { left.digest == right.digest }
    /// Feeds the digest.
    public func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}
