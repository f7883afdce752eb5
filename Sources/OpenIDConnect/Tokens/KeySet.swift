import Credentials
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

            init(from decoder: any Decoder) throws { key = try? JWK(from: decoder) }
        }
        var keys: [Entry]
    }

    private let keys: [VerifyingKey]

    /// Reads a key set.
    /// - Throws: ``LoginProblem`` if it is none.
    init(_ body: [UInt8]) throws(LoginProblem) {
        // What is too deep is refused before it is decoded.
        guard case .array(let entries)? = try? JSONReader.object(body)["keys"],
            let document = try? JSONDecoder().decode(Document.self, from: Data(body))
        else { throw .provider("its keys can't be read: they are no JSON Web Key Set") }
        keys = zip(document.keys, entries).prefix(Self.maximumCount).compactMap { entry, members in
            Self.isForSignatures(members) ? entry.key.map { .published($0) } : nil
        }
    }

    /// Whether a key may verify signatures: both members that can say so do, or are not there (RFC 7517, 4.2 and 4.3).
    private static func isForSignatures(_ key: Claims.Value) -> Bool {
        guard case .object(let members) = key else { return false }
        let isUse = members["use"].map { $0 == .text("sig") } ?? true
        guard let operations = members["key_ops"] else { return isUse }
        guard case .array(let values) = operations else { return false }
        return isUse && values.contains(.text("verify"))
    }

    /// One key that an operator has.
    init(_ key: VerifyingKey) { keys = [key] }

    /// What tells its keys from others.
    var thumbprints: Set<String> { Set(keys.compactMap(\.thumbprint)) }

    /// Whether there is none that could have signed anything.
    var isEmpty: Bool { keys.isEmpty }

    /// Whether a token may be signed by a key, by their names; by bytes, as Swift's own comparison takes letters in two forms for one.
    private static func fits(_ name: String?, _ wanted: String?) -> Bool {
        guard let name, let wanted else { return true }
        return name.utf8.elementsEqual(wanted.utf8)
    }

    /// The key that has signed a token.
    /// - Returns: nil if none has.
    func signer(of token: SignedToken) async -> VerifyingKey? {
        let header = token.header
        for key in keys where Self.fits(key.name, header.keyID) {
            if key.signs(by: header.algorithm), await key.hasSigned(token) { return key }
        }
        return nil
    }

    /// Reads a token that one of the keys has signed.
    /// - Throws: ``LoginProblem`` if none has.
    func claims(of token: SignedToken) async throws(LoginProblem) -> Claims {
        guard await signer(of: token) != nil else { throw .token("no key of the provider has signed it") }
        return try token.claims()
    }
}
