/// What no source may ever see: rule 4 of the resolver.
public enum CredentialRules {
    /// The longest user name that is looked at, in bytes of UTF-8.
    public static let maximumUserNameLength = 1024

    /// Judges a credential by its form alone.
    ///
    /// An empty secret must never reach a directory, which takes it for an anonymous bind and says yes
    /// (RFC 4513, 5.1.2). Control characters are forbidden in both parts by RFC 7617, 2; in a user name they would
    /// end up in a log line or a response header. A NUL would end a C string early.
    /// - Parameter credential: the credential of a request.
    /// - Returns: why it is refused, or nil if sources may see it.
    public static func refusal(of credential: BasicCredential) -> RefusalReason? {
        let secret = credential.secret.bytes
        if credential.isBearer {
            if secret.count > Secret.maximumTokenLength { return .secretTooLong }
            return credential.secret.isKeyShaped || credential.secret.isTokenShaped ? nil : .malformedHeader
        }
        if credential.userName.isEmpty { return .emptyUserName }
        if secret.isEmpty { return .emptySecret }
        if secret.count > Secret.maximumLength { return .secretTooLong }
        if secret.contains(0) { return .nulByte }
        return refusal(ofUserName: credential.userName.text)
    }

    /// Judges a name that is not empty.
    private static func refusal(ofUserName name: String) -> RefusalReason? {
        if name.utf8.count > maximumUserNameLength { return .userNameTooLong }
        // Nearly every name is plain, and the property tables of Unicode are slow.
        if name.utf8.allSatisfy({ $0 > 0x1F && $0 < 0x7F }) { return nil }
        if name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            return name.utf8.contains(0) ? .nulByte : .controlCharacter
        }
        return nil
    }
}
