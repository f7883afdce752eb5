/// A credential under SHA-256 with a key made at start: it can be compared and remembered, and says nothing of the secret to
/// whoever reads the memory or a dump of it without the key.
package struct CredentialTag: Sendable, Hashable {
    fileprivate let digest: Bits256

    /// 64 of its 256 bits, for where a mistake in 2^64 does no harm.
    package var short: UInt64 { digest.words.0 }
    /// What chooses a part of a ``Sharded`` state.
    package var shard: Int { Int(truncatingIfNeeded: digest.words.3) }
}

/// Makes ``CredentialTag``s. Its key never leaves it, and dies with the process.
///
/// The key goes before the text, and the lengths of its two parts between them: no text is the beginning of another, so that
/// this is as good as an HMAC (M. Bellare, R. Canetti, H. Krawczyk, "Pseudorandom functions revisited: the cascade construction",
/// 1996), and no tag leaves the process anyway. It costs half of one, and every request makes one.
package struct CredentialTagger: Sendable {
    private let key: [UInt8]

    package init() {
        var generator = SystemRandomNumberGenerator()
        key = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// The tag of a credential.
    package func tag(_ credential: BasicCredential) -> CredentialTag {
        let (name, secret) = (credential.userName.utf8, credential.secret.bytes)
        var text = begun(with: name.count, secret.count)
        text.append(contentsOf: name)
        text.append(contentsOf: secret)
        return CredentialTag(digest: .sha256(of: text))
    }

    /// The tag of a text that holds a whole credential.
    func tag(_ header: String) -> CredentialTag {
        var text = begun(with: header.utf8.count, 0)
        text.append(contentsOf: header.utf8)
        return CredentialTag(digest: .sha256(of: text))
    }

    private func begun(with first: Int, _ second: Int) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(key.count + 8 + first + second)
        text.append(contentsOf: key)
        Self.append(first, to: &text)
        Self.append(second, to: &text)
        return text
    }

    /// A length in four bytes: names and secrets are far shorter (see ``CredentialRules``).
    private static func append(_ length: Int, to text: inout [UInt8]) {
        text.append(UInt8(truncatingIfNeeded: length >> 24))
        text.append(UInt8(truncatingIfNeeded: length >> 16))
        text.append(UInt8(truncatingIfNeeded: length >> 8))
        text.append(UInt8(truncatingIfNeeded: length))
    }

    /// The tag of a secret alone: what tells a new password from the old one.
    func tag(_ secret: Secret) -> CredentialTag {
        tag(BasicCredential(userName: "", secret: secret))
    }
}

extension CredentialTagger: CustomReflectable {
    /// A mirror without children: the key is not for dumps.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
