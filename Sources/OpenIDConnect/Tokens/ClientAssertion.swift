import Credentials
import Foundation
import JWTKit

/// By which a client with a private key shows who it is (RFC 7523, 3; `private_key_jwt`).
enum ClientAssertion {
    private struct Payload: JWTPayload {
        var iss: String
        var sub: String
        var aud: String
        var jti: String
        var iat: Int
        var exp: Int

        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }

    /// Makes one, good for a minute.
    /// - Throws: ``LoginProblem`` if the key can't sign.
    static func make(
        _ pem: Secret, keyID: String?, clientID: String, audience: String, at now: Date
    ) async throws(LoginProblem) -> String {
        let text = String(decoding: pem.bytes, as: UTF8.self)
        let keys = JWTKeyCollection()
        if let key = try? ES256PrivateKey(pem: text) {
            await keys.add(ecdsa: key)
        } else if let key = try? Insecure.RSA.PrivateKey(pem: text) {
            await keys.add(rsa: key, digestAlgorithm: .sha256)
        } else {
            throw .provider("keypath holds no private key of P-256 or RSA in PEM")
        }
        let time = Int(now.timeIntervalSince1970)
        var header = JWTHeader()
        if let keyID { header.kid = keyID }
        do {
            return try await keys.sign(
                Payload(iss: clientID, sub: clientID, aud: audience, jti: UUID().uuidString, iat: time, exp: time + 60),
                header: header)
        } catch {
            throw .provider("the client's private key can't sign")
        }
    }
}
