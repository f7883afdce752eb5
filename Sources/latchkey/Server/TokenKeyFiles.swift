import Foundation
import PostgreSQLStorage
import RegistryTokens

/// The files of the keys that sign registry tokens. A key that is not there is made at the first start, readable by its owner alone.
enum TokenKeyFiles {
    /// The name of the one that signs, in the data folder.
    static let usualName = "tokens.key"

    /// Reads the keys, or makes the one that signs.
    /// - Parameters:
    ///   - tokens: what an operator set.
    ///   - rootDirectory: where the files are that nobody named.
    ///   - shared: where the nodes keep the key of all of them, if nobody named a file.
    /// - Throws: ``ConfigurationError`` for a file that can't be read, written or used.
    static func issuer(_ tokens: Configuration.Tokens, rootDirectory: String?, shared: PostgreSQLStore? = nil)
        async throws -> TokenIssuer
    {
        let previous = try tokens.previousKeys.map { try read($0, nil) }
        if tokens.key == nil, let shared {
            return try await TokenIssuer(
                options: tokens.options, signing: try await sharedKey(tokens, shared), previous: previous)
        }
        guard let path = tokens.key ?? rootDirectory.map({ "\($0)/\(usualName)" }) else {
            throw ConfigurationError(
                place: "http.auth.tokens.key",
                message: "is missing: without storage.rootDirectory the key needs a place")
        }
        let certificate = tokens.certificate ?? URL(filePath: path).deletingPathExtension().path + ".crt"
        if !FileManager.default.fileExists(atPath: path) { try make(path, certificate, tokens) }
        let signing = try read(path, certificate)
        return try await TokenIssuer(options: tokens.options, signing: signing, previous: previous)
    }

    /// The key of all nodes, made by the first of them.
    private static func sharedKey(
        _ tokens: Configuration.Tokens, _ shared: PostgreSQLStore
    ) async throws -> TokenKey {
        let (key, certificate) = try TokenKey.make(tokens.algorithm, name: "Latchkey registry tokens", at: .now)
        let text = String(
            decoding: try await shared.sharedSecret(
                "tokens-\(tokens.algorithm.rawValue)", otherwise: Array((key + "\n" + certificate).utf8)),
            as: UTF8.self)
        guard let mark = text.firstRange(of: "-----BEGIN CERTIFICATE-----") else {
            throw ConfigurationError(
                place: "storage.postgresql", message: "has a key for tokens in shared_secret that can't be read")
        }
        return try TokenKey(
            key: String(text[..<mark.lowerBound]), certificate: String(text[mark.lowerBound...]))
    }

    private static func read(_ path: String, _ certificate: String?) throws -> TokenKey {
        guard let key = FileManager.default.contents(atPath: path) else {
            throw ConfigurationError(place: path, message: "can't be read: check the path and its permissions")
        }
        let text = certificate.flatMap { FileManager.default.contents(atPath: $0) }
        do {
            return try TokenKey(
                key: String(decoding: key, as: UTF8.self), certificate: text.map { String(decoding: $0, as: UTF8.self) }
            )
        } catch {
            throw ConfigurationError(place: path, message: "\(error)")
        }
    }

    private static func make(_ path: String, _ certificate: String, _ tokens: Configuration.Tokens) throws {
        let (key, text) = try TokenKey.make(tokens.algorithm, name: "Latchkey registry tokens", at: .now)
        try? FileManager.default.createDirectory(
            at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
        // The certificate first: a start that is cut off in between makes both anew.
        for (path, text, mode) in [(certificate, text, 0o644), (path, key, 0o600)] {
            let isWritten = FileManager.default.createFile(
                atPath: path, contents: Data((text + "\n").utf8), attributes: [.posixPermissions: mode])
            guard isWritten else {
                throw ConfigurationError(place: path, message: "can't be written: it is made at the first start")
            }
        }
    }
}
