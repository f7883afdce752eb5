import Foundation
import JWTKit

/// The public keys of a provider (RFC 7517), as it published them at one time.
struct KeySet: Sendable {
    /// The most keys that are read.
    static let maximumCount = 100

    private struct Document: Decodable {
        /// One of a kind that we do not know is none: it must not take the others with it.
        struct Entry: Decodable {
            var key: JWK?
            var use: String?

            private enum CodingKeys: String, CodingKey { case use }

            init(from decoder: any Decoder) throws {
                key = try? JWK(from: decoder)
                use = try? decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .use)
            }
        }
        var keys: [Entry]
    }

    private let keys: [VerifyingKey]

    /// Reads a key set.
    /// - Throws: ``LoginProblem`` if it is none.
    init(_ body: [UInt8]) throws(LoginProblem) {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(body)) else {
            throw .provider("its keys can't be read: they are no JSON Web Key Set")
        }
        keys = document.keys.prefix(Self.maximumCount).filter { $0.use ?? "sig" == "sig" }.compactMap(\.key)
            .map { .published($0) }
    }

    /// One key that an operator has.
    init(_ key: VerifyingKey) { keys = [key] }

    /// Whether it has a key of this name.
    func has(_ id: String) -> Bool { keys.contains { $0.name == id } }

    /// Whether there is none that could have signed anything.
    var isEmpty: Bool { keys.isEmpty }

    /// Reads a token that one of the keys has signed.
    /// - Parameters:
    ///   - token: the token.
    ///   - header: what its head says.
    /// - Throws: ``LoginProblem`` if none has.
    func claims(of token: String, _ header: TokenHeader) async throws(LoginProblem) -> Claims {
        let candidates = keys.filter {
            (header.keyID == nil || $0.name == nil || $0.name == header.keyID) && $0.signs(by: header.algorithm)
        }
        for key in candidates {
            guard let alone = try? await key.alone(name: header.keyID, algorithm: header.algorithm) else { continue }
            if let claims = try? await alone.verify(token, as: Claims.self) { return claims }
        }
        throw .token("no key of the provider has signed it")
    }
}
