import Credentials

/// What the `Authorization` header of a request holds (RFC 7617; RFC 6750, 2.1 for API keys and tokens).
enum AuthorizationHeader: Sendable {
    /// There is none; or one with an empty name and an empty secret, which clients send that have neither (zli does).
    case absent
    /// A user name and a secret, or an API key or a token alone.
    case credential(BasicCredential)
    /// It can't be read: another scheme, no base64, no colon, not UTF-8, or two headers.
    case malformed

    /// Reads the header. Two are refused: which of them a proxy in front has looked at is anybody's guess.
    init(_ fields: any RequestFields) {
        self.init(fields.value(of: FieldNames.authorization))
    }

    /// Reads the value of the header.
    init(_ field: RequestField) {
        guard case .single(let value) = field else {
            self = field == .absent ? .absent : .malformed
            return
        }
        guard let credential = Self.basic(value) ?? Self.bearer(value) else {
            self = .malformed
            return
        }
        let isNothing = !credential.isBearer && credential.userName.isEmpty && credential.secret.bytes.isEmpty
        self = isNothing ? .absent : .credential(credential)
    }

    /// What stands behind the name of a scheme.
    private static func token(of value: String, _ scheme: StaticString) -> Substring.UTF8View? {
        let text = value[...].utf8
        let isScheme = scheme.withUTF8Buffer { name in
            text.prefix(name.count).elementsEqual(name, by: { $0 | 0x20 == $1 })
        }
        guard isScheme, case var token = text.dropFirst(scheme.utf8CodeUnitCount), token.first == UInt8(ascii: " ")
        else { return nil }
        token = token.drop(while: isBlank)
        while let last = token.last, isBlank(last) { token.removeLast() }
        return token
    }

    /// Nothing but an API key or a signed token is a bearer token here. What is too long to be one is said to be too long by
    /// ``CredentialRules``.
    private static func bearer(_ value: String) -> BasicCredential? {
        guard let token = token(of: value, "bearer") else { return nil }
        let credential = BasicCredential(bearer: Secret(bytes: Array(token)))
        let isTooLong = credential.secret.bytes.count > Secret.maximumTokenLength
        return isTooLong || credential.secret.isKeyShaped || credential.secret.isTokenShaped ? credential : nil
    }

    private static func basic(_ value: String) -> BasicCredential? {
        guard let token = token(of: value, "basic") else { return nil }
        guard let bytes = Base64.decode(token), let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            let userName = String(validating: bytes[..<colon], as: UTF8.self)
        else { return nil }
        let secret = Array(bytes[(colon + 1)...])
        guard secret.allSatisfy({ $0 < 0x80 }) || String(validating: secret, as: UTF8.self) != nil else { return nil }
        return BasicCredential(userName: UserName(userName), secret: Secret(bytes: secret))
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
