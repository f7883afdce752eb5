/// The password part of a credential: a password, or an API key.
///
/// Its bytes are UTF-8 and never longer than ``maximumLength``. Nothing that prints a `Secret`, on purpose or by
/// accident (`print`, a log's metadata, `dump`), shows what it holds.
public struct Secret: Sendable {
    /// The longest secret that is looked at, in bytes. A longer one is refused, never cut.
    public static let maximumLength = 4096

    /// The bytes themselves. Hand them to a hash or a bind; do not keep them.
    public let bytes: [UInt8]

    /// Takes a secret as the client sent it.
    /// - Parameter bytes: any bytes; what may not be in a secret is judged by ``CredentialRules``.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Takes a secret from text, as UTF-8.
    /// - Parameter text: the secret.
    public init(_ text: String) {
        self.init(bytes: Array(text.utf8))
    }

    /// Whether this has exactly the form of an API key: `zak_` and 32 lower-case hexadecimal digits.
    public var isKeyShaped: Bool {
        bytes.count == 36 && bytes.starts(with: "zak_".utf8)
            && bytes.dropFirst(4).allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// The longest token that is looked at, in bytes.
    public static let maximumTokenLength = 16_384

    /// Whether this has the form of a signed JSON Web Token (RFC 7515, 3.1): three parts in base64url, the first of which is a JSON object.
    public var isTokenShaped: Bool {
        // `{"` in base64 is `ey`, and then one of four letters.
        guard bytes.count <= Self.maximumTokenLength, bytes.starts(with: "ey".utf8) else { return false }
        var (dots, length) = (0, 0)
        for byte in bytes {
            if byte == UInt8(ascii: ".") {
                guard length > 0 else { return false }
                (dots, length) = (dots + 1, 0)
            } else {
                guard Base64URL.isDigit(byte) else { return false }
                length += 1
            }
        }
        return dots == 2 && length > 0
    }

    /// Compares without telling by its time where two secrets differ.
    /// - Parameter other: the bytes to compare with.
    /// - Returns: true if both are the same. The time depends on the lengths alone.
    public func isEqualInConstantTime(to other: some Collection<UInt8>) -> Bool {
        constantTimeEqual(bytes, other)
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always the same word, whatever the secret is.
    public var description: String { "<secret>" }
    /// Always the same word, whatever the secret is.
    public var debugDescription: String { description }
    /// A mirror without children, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Compares two byte strings without telling by its time where they differ.
/// - Parameters:
///   - left: one byte string.
///   - right: the other one.
/// - Returns: true if they are the same. A difference in length is answered at once: lengths are no secret here.
public func constantTimeEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for (a, b) in zip(left, right) { difference |= a ^ b }
    return difference == 0
}
