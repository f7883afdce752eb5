import Credentials
import Foundation
import HTTPTypes

/// What the `Authorization` header of a request holds (RFC 7617).
enum AuthorizationHeader: Sendable {
    /// There is none; or one with an empty name and an empty secret, which clients send that have neither (zli does).
    case absent
    /// A user name and a secret.
    case basic(BasicCredential)
    /// It can't be read: another scheme, no base64, no colon, not UTF-8, or two headers.
    case malformed

    /// Reads the header. Two are refused: which of them a proxy in front has looked at is anybody's guess.
    init(_ headers: HTTPFields) {
        let values = headers[values: .authorization]
        guard let value = values.first else {
            self = .absent
            return
        }
        guard values.count == 1, let credential = Self.basic(value) else {
            self = .malformed
            return
        }
        let isNothing = credential.userName.isEmpty && credential.secret.bytes.isEmpty
        self = isNothing ? .absent : .basic(credential)
    }

    private static func basic(_ value: String) -> BasicCredential? {
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "basic" else { return nil }
        let token = parts[1].trimmingSpaces()
        // Some clients leave the padding out; RFC 4648 lets a decoder insist, and nothing is gained by it.
        let padded = token + String(repeating: "=", count: (4 - token.utf8.count % 4) % 4)
        guard let bytes = Data(base64Encoded: String(padded)),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            let userName = String(validating: bytes[..<colon], as: UTF8.self),
            String(validating: bytes[(colon + 1)...], as: UTF8.self) != nil
        else { return nil }
        return BasicCredential(userName: userName, secret: Secret(bytes: Array(bytes[(colon + 1)...])))
    }
}
