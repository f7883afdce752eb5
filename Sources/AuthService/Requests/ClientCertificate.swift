/// What a client's certificate, which the server has verified, says of who it is.
public enum ClientCertificate: Sendable, Hashable {
    /// A user of this name.
    case user(String)
    /// Nobody who could be named, or a certificate that was revoked: refused, and not taken for a client that shows none.
    case unusable
}
