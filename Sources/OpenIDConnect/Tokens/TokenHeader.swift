import Credentials
import Foundation

/// The head of a signed token (RFC 7515, 4), read before anything of it is believed.
struct TokenHeader: Decodable, Sendable {
    let algorithm: String
    let keyID: String?
    /// What must be understood, and is not.
    let critical: [String]?

    private enum CodingKeys: String, CodingKey {
        case algorithm = "alg"
        case keyID = "kid"
        case critical = "crit"
    }

    /// The longest token, in bytes.
    static let maximumLength = Secret.maximumTokenLength

    /// Reads the head of a token.
    /// - Parameters:
    ///   - token: the token.
    ///   - algorithms: the algorithms that count.
    /// - Throws: ``LoginProblem`` for what is no signed token, or is signed in a way that does not count.
    init(_ token: String, algorithms: [String]) throws(LoginProblem) {
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard token.utf8.count <= Self.maximumLength, parts.count == 3,
            parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Base64URL.isDigit) }),
            let bytes = Base64URL.decode(String(decoding: parts[0], as: UTF8.self)),
            let header = try? JSONDecoder().decode(Self.self, from: Data(bytes))
        else { throw .token("it is no signed JSON Web Token") }
        guard algorithms.contains(header.algorithm), !header.algorithm.hasPrefix("HS"), header.algorithm != "none"
        else {
            throw .token("it is signed by an algorithm that does not count")
        }
        guard header.critical == nil else { throw .token("its head has crit, which nothing here understands") }
        self = header
    }
}
