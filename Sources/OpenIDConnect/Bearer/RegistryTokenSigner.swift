public import Credentials

/// Somebody else who signs registry tokens, by one key that the operator has (zot's `http.auth.bearer` with `cert`).
public struct RegistryTokenSigner: Sendable {
    /// For whom tokens must be: what the registry calls itself.
    public let service: String
    /// Who must have made them; nil for anybody who has the key.
    public let issuer: Issuer?
    let keys: KeySet

    /// Describes a signer.
    /// - Parameters:
    ///   - service: what the registry calls itself.
    ///   - issuer: who must have made the tokens; nil for anybody who has the key.
    ///   - key: a key or the certificate of one in PEM (RSA, P-256, P-384, P-521), or a JSON Web Key Set (RFC 7517), which may have Ed25519 too.
    /// - Returns: nil if there is no such key in it.
    public init?(service: String, issuer: Issuer? = nil, key: String) {
        if let key = VerifyingKey(pem: key) {
            keys = KeySet(key)
        } else {
            guard let set = try? KeySet(Array(key.utf8)), !set.isEmpty else { return nil }
            keys = set
        }
        self.service = service
        self.issuer = issuer
    }
}
