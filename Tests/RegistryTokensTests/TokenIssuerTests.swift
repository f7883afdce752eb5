import Credentials
import Crypto
import Foundation
import TestSupport
import Testing

@testable import RegistryTokens

@Suite("Signing registry tokens")
struct TokenIssuerTests {
    private let date = Date(timeIntervalSince1970: 1_800_000_000.75)

    private func key(_ algorithm: TokenKey.Algorithm = .es256) throws -> TokenKey {
        let (key, certificate) = try TokenKey.make(algorithm, name: "test", at: date)
        return try TokenKey(key: key, certificate: certificate)
    }

    private func issuer(_ key: TokenKey, previous: [TokenKey] = [], x5c: Bool = false) async throws -> TokenIssuer {
        var options = TokenIssuer.Options(issuer: "me", services: ["registry"])
        options.includesCertificate = x5c
        return try await TokenIssuer(options: options, signing: key, previous: previous)
    }

    private func part(_ token: String, _ index: Int) throws -> [String: Any] {
        let text = String(token.split(separator: ".")[index])
        let data = Data(try #require(Base64URL.decode(text)))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test(
        "A token says what it must, in whole seconds, carries no key, and OpenSSL's own verification takes it",
        arguments: TokenKey.Algorithm.allCases)
    func claims(algorithm: TokenKey.Algorithm) async throws {
        let (pem, certificate) = try TokenKey.make(algorithm, name: "test", at: .now)
        let key = try TokenKey(key: pem, certificate: certificate)
        let access = [TokenAccess(type: "repository", class: nil, name: "a", actions: ["pull"])]
        let token = try await issuer(key, x5c: true).token(for: "alice", service: "registry", access: access, at: date)
        let (header, claims) = (try part(token.text, 0), try part(token.text, 1))
        #expect(header["alg"] as? String == algorithm.rawValue && header["kid"] as? String == key.identifier)
        #expect(header["jwk"] == nil && (header["x5c"] as? [String])?.count == 1)
        #expect(
            claims["iss"] as? String == "me" && claims["sub"] as? String == "alice"
                && claims["aud"] as? String == "registry")
        #expect(claims["iat"] as? Int == 1_800_000_000 && claims["nbf"] as? Int == 1_800_000_000)
        #expect(claims["exp"] as? Int == 1_800_000_300 && (claims["jti"] as? String)?.count == 36)
        let granted = try #require((claims["access"] as? [[String: Any]])?.first)
        #expect(
            granted["name"] as? String == "a" && granted["actions"] as? [String] == ["pull"] && granted["class"] == nil)
        let json = try String(
            decoding: #require(Base64URL.decode(String(token.text.split(separator: ".")[1]))), as: UTF8.self)
        #expect(json.contains("\"iat\":1800000000,") || json.contains("\"iat\":1800000000}"), "no fraction: \(json)")

        // Somebody else's program finds the signature good, by the certificate alone.
        let folder = try TemporaryFolder()
        let parts = token.text.split(separator: ".").map(String.init)
        try folder.write("signed", parts[0] + "." + parts[1])
        var signature = Data(try #require(Base64URL.decode(parts[2])))
        if algorithm == .es256 {
            signature = try P256.Signing.ECDSASignature(rawRepresentation: signature).derRepresentation
        }
        try signature.write(to: folder.url("signature"))
        try folder.write("certificate", certificate)
        let verified = try await Program("bash", package: "bash").run(
            [
                "-c",
                "openssl x509 -in certificate -pubkey -noout > key && openssl dgst -sha256 -verify key -signature signature signed",
            ],
            folder: folder.root)
        #expect(verified.standardOutput.contains("Verified OK"), "\(verified)")
    }

    @Test(
        "A key is known by the fingerprint of Docker's libtrust: 240 bits of the public key's SHA-256, in base32 by fours"
    )
    func fingerprint() async throws {
        let (pem, certificate) = try TokenKey.make(.es256, name: "test", at: date)
        let key = try TokenKey(key: pem, certificate: certificate)
        let script = """
            import base64, hashlib, subprocess, sys
            der = subprocess.run(["openssl", "x509", "-in", "c", "-pubkey", "-noout"], capture_output=True).stdout
            der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=der, capture_output=True).stdout
            text = base64.b32encode(hashlib.sha256(der).digest()[:30]).decode().rstrip("=")
            print(":".join(text[i:i + 4] for i in range(0, len(text), 4)))
            """
        let folder = try TemporaryFolder()
        try folder.write("c", certificate)
        let output = try await Program("python3", package: "python3").run(["-c", script], folder: folder.root)
        #expect(output.standardOutput == key.identifier + "\n" && key.identifier.count == 59)
        #expect("\(key)".contains(key.identifier) && !"\(key)".contains("PRIVATE"))
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!dumped.contains("rawRepresentation"))
    }

    @Test("What signed before is published, and its refresh tokens are good; nobody else's are")
    func rotation() async throws {
        let (old, new, other) = (try key(), try key(.rs256), try key())
        let before = try await issuer(old)
        let after = try await issuer(new, previous: [old])
        let published = try JSONSerialization.jsonObject(with: Data(after.jwks)) as? [String: [[String: String]]]
        #expect(published?["keys"]?.map { $0["kid"] } == [new.identifier, old.identifier])
        #expect(published?["keys"]?.map { $0["kty"] } == ["RSA", "EC"])
        #expect(published?["keys"]?.allSatisfy { $0["d"] == nil } == true, "no private part")
        let content = RefreshToken.Content(.key(digest: "ab"), service: "registry")
        let token = try before.refreshToken(content, at: date)
        #expect(!token.contains("ab\"") && after.content(ofRefreshToken: token, at: date) == content)
        #expect(try await issuer(other).content(ofRefreshToken: token, at: date) == nil)
        #expect(after.content(ofRefreshToken: token, at: date.addingTimeInterval(91 * 86_400)) == nil)
        for index in token.indices {
            var changed = token
            changed.replaceSubrange(index...index, with: token[index] == "A" ? "B" : "A")
            // The last digit may have bits that mean nothing.
            if token.index(after: index) != token.endIndex {
                #expect(after.content(ofRefreshToken: changed, at: date) == nil)
            }
        }
        for text in ["", "x", token + "A", token + "=", String(repeating: "A", count: 5000)] {
            #expect(after.content(ofRefreshToken: text, at: date) == nil)
        }
    }

    @Test("A file that is no key, or has another's certificate, is refused with what is wrong")
    func refused() throws {
        let (pem, _) = try TokenKey.make(.es256, name: "test", at: date)
        let (_, certificate) = try TokenKey.make(.es256, name: "test", at: date)
        for (key, certificate, message) in [
            ("x", nil, "no private key"), (pem, "x", "can't be read"), (pem, certificate, "of another key"),
            (P384.Signing.PrivateKey().pemRepresentation, nil, "no private key"),
        ] as [(String, String?, String)] {
            do {
                _ = try TokenKey(key: key, certificate: certificate)
                Issue.record("taken")
            } catch {
                #expect("\(error)".contains(message), "\(error)")
            }
        }
    }
}
