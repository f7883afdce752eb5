import Credentials
import Crypto
import Foundation

/// Seals what a browser carries for us from the beginning of a login to its end: it can neither be read nor made by anybody else
/// (AES-GCM with a key of this server's).
///
/// So nothing is kept for a login that is begun: whoever begins a million of them fills nothing.
public struct LoginSeal: Sendable {
    private let key: SymmetricKey

    /// Takes a key of 32 bytes; nil for one that ends with the process.
    public init?(key bytes: [UInt8]? = nil) {
        guard let bytes else {
            key = SymmetricKey(size: .bits256)
            return
        }
        guard bytes.count == 32 else { return nil }
        key = SymmetricKey(data: bytes)
    }

    /// Seals a login.
    /// - Returns: a text for a cookie; nil if it can't be (which would be a defect of the library).
    public func seal(_ login: PendingLogin) -> String? {
        let encoder = JSONEncoder()
        // A slash would have two bytes, and an address has many.
        encoder.outputFormatting = .withoutEscapingSlashes
        guard let text = try? encoder.encode(login), let box = try? AES.GCM.seal(text, using: key).combined else {
            return nil
        }
        return Base64URL.encode(box)
    }

    /// Opens what was sealed.
    /// - Returns: nil for anything that this server has not sealed.
    public func open(_ text: String) -> PendingLogin? {
        guard text.utf8.count <= 8192, let bytes = Base64URL.decode(text),
            let box = try? AES.GCM.SealedBox(combined: bytes),
            let opened = try? AES.GCM.open(box, using: key)
        else { return nil }
        return try? JSONDecoder().decode(PendingLogin.self, from: opened)
    }
}

extension LoginSeal: CustomReflectable {
    /// A mirror without children: the key is not for dumps.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
