import Crypto

/// A credential under an HMAC with a key made at start: it can be compared and remembered, and says nothing of the
/// secret to whoever reads the memory or a dump of it without the key.
package struct CredentialTag: Sendable, Hashable {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    fileprivate init(_ bytes: [UInt8]) {
        func word(_ index: Int) -> UInt64 {
            bytes[index * 8..<index * 8 + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }
        words = (word(0), word(1), word(2), word(3))
    }

    /// 64 of its 256 bits, for where a mistake in 2^64 does no harm.
    package var short: UInt64 { words.0 }
    /// What chooses a part of a ``Sharded`` state.
    package var shard: Int { Int(truncatingIfNeeded: words.3) }

    package static func == (left: Self, right: Self) -> Bool { left.words == right.words }
    package func hash(into hasher: inout Hasher) { hasher.combine(words.1) }
}

/// Makes ``CredentialTag``s. Its key never leaves it, and dies with the process.
package struct CredentialTagger: Sendable {
    private let key = SymmetricKey(size: .bits256)

    package init() {}

    /// The tag of a credential. The user name's length goes before it, so that no two credentials read the same.
    package func tag(_ credential: BasicCredential) -> CredentialTag {
        var mac = HMAC<SHA256>(key: key)
        let name = Array(credential.userName.utf8)
        mac.update(data: withUnsafeBytes(of: UInt64(name.count)) { Array($0) })
        mac.update(data: name)
        mac.update(data: credential.secret.bytes)
        return CredentialTag(Array(mac.finalize()))
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
