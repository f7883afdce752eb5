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
        let key: ClientKey
        do throws(ClientKey.Problem) {
            key = try ClientKey(pem)
        } catch {
            throw .provider("keypath \(error)")
        }
        let time = Int(now.timeIntervalSince1970)
        var header = JWTHeader()
        if let keyID { header.kid = keyID }
        do {
            return try await key.collection().sign(
                Payload(iss: clientID, sub: clientID, aud: audience, jti: UUID().uuidString, iat: time, exp: time + 60),
                header: header)
        } catch {
            throw .provider("the client's private key can't sign")
        }
    }
}
