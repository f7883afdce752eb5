public import Credentials
import struct Foundation.UUID

/// An API key as its owner holds it: `zak_` and 32 lower-case hexadecimal digits, which are a version-4 UUID.
///
/// It exists in one place only, the answer to its creation. `description` never shows it.
public struct APIKey: Sendable {
    /// The digits behind `zak_`.
    let digits: ArraySlice<UInt8>

    /// Makes a new key from 122 random bits of the system's generator.
    /// - Returns: a key that nobody has.
    public static func random() -> APIKey {
        APIKey(digits: UUID().uuidString.lowercased().utf8.filter { $0 != UInt8(ascii: "-") }[...])
    }

    /// Reads a key from a secret.
    /// - Parameter secret: the secret of a credential.
    /// - Returns: nil if it does not have exactly the form of a key.
    public init?(_ secret: Secret) {
        guard secret.isKeyShaped else { return nil }
        digits = secret.bytes.dropFirst(4)
    }

    private init(digits: ArraySlice<UInt8>) {
        self.digits = digits
    }

    /// The key's text, for the one answer that shows it.
    public var text: String { "zak_" + String(decoding: digits, as: UTF8.self) }

    /// What the store knows the key by.
    public var digest: APIKeyDigest { APIKeyDigest(ofDigits: digits) }
}

extension APIKey: CustomStringConvertible, CustomReflectable {
    /// Always the same word, whatever the key is.
    public var description: String { "<API key>" }
    /// A mirror without children, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
