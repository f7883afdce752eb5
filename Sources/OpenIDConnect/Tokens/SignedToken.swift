import Credentials

/// A signed token (RFC 7515, 3.1), cut into what is signed and its signature.
///
/// Of what it says nothing but the head is decoded before a key is found that has signed it: until then it is a stranger's.
struct SignedToken: Sendable {
    /// The longest ID token, in bytes: 10,000 groups that are named by GUIDs fit into it. It comes from the provider itself.
    static let maximumIDTokenLength = 512 << 10
    /// The longest of any other token, in bytes: anybody may send one.
    static let maximumLength = Secret.maximumTokenLength
    /// The longest head, in bytes: a chain of certificates may stand there.
    private static let maximumHeaderLength = 16 << 10

    let header: TokenHeader
    /// What is signed: head and payload with the dot between them, as they came.
    let signed: [UInt8]
    let signature: [UInt8]
    private let payload: ArraySlice<UInt8>

    /// Reads the form of a token, and its head.
    /// - Parameters:
    ///   - token: the token.
    ///   - algorithms: the algorithms that count.
    ///   - limit: the longest that is looked at, in bytes.
    /// - Throws: ``LoginProblem`` for what is too long, is no signed token, or is signed in a way that does not count.
    init(_ token: String, algorithms: [String], limit: Int = Self.maximumLength) throws(LoginProblem) {
        guard token.utf8.count <= limit else { throw .token("it is longer than \(limit) bytes") }
        let bytes = Array(token.utf8)
        guard let parts = Self.parts(of: bytes), parts[0].count <= Self.maximumHeaderLength,
            let head = Self.decoded(parts[0]), let signature = Self.decoded(parts[2])
        else { throw .token("it is no signed JSON Web Token") }
        header = try TokenHeader(head, algorithms: algorithms)
        signed = Array(bytes[..<parts[1].endIndex])
        payload = parts[1]
        self.signature = signature
    }

    /// What it says. Only for a token whose signature was verified.
    /// - Throws: ``LoginProblem`` if that is no JSON object, or too deep, or has a member twice.
    func claims() throws(LoginProblem) -> Claims {
        guard let bytes = Self.decoded(payload) else { throw .token("it is no signed JSON Web Token") }
        do throws(JSONReader.Problem) {
            return Claims(try JSONReader.object(bytes))
        } catch {
            throw .token("\(error)")
        }
    }

    /// Who a token says has made it, for choosing by whose keys it is verified: nothing of it may be believed.
    /// - Parameter token: what somebody sends.
    /// - Returns: nil for what is too long, is no token or names nobody.
    static func claimedIssuer(of token: String) -> String? {
        guard token.utf8.count <= maximumLength, let parts = parts(of: Array(token.utf8)),
            let bytes = decoded(parts[1])
        else { return nil }
        var reader = JSONReader(bytes)
        return reader.textMember("iss")
    }

    private static func parts(of token: [UInt8]) -> [ArraySlice<UInt8>]? {
        let parts = token.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
        return parts.count == 3 && parts.allSatisfy({ !$0.isEmpty }) ? parts : nil
    }

    private static func decoded(_ part: ArraySlice<UInt8>) -> [UInt8]? {
        Base64URL.decode(String(decoding: part, as: UTF8.self))
    }
}
