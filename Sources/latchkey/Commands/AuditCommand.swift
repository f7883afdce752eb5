import ArgumentParser
import Credentials
import Crypto
import Foundation
import Logging

/// `latchkey audit`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Check audit files.", subcommands: [Verify.self])

    /// `latchkey audit verify`.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check the chain of audit files, and name the first line that was changed, removed or put in.",
            discussion:
                "Name rotated files first: audit.log.2 audit.log.1 audit.log. Ends with 1 if something is wrong.")

        @Option(help: ArgumentHelp("The public key of signed checkpoints.", valueName: "file")) var key: String?
        @Option(help: "The server's configuration: its store knows where the file ended.") var config: String?
        @Argument(help: "The files, the oldest first.") var files: [String]

        func run() async throws {
            do {
                let kept = try await kept()
                var verifier = AuditVerifier(publicKey: try key.map(Self.publicKey), expected: kept)
                for file in files {
                    guard let data = FileManager.default.contents(atPath: file) else {
                        throw ConfigurationError(
                            place: file, message: "can't be read: check the path and its permissions")
                    }
                    try verifier.take(Array(data), name: file)
                }
                try verifier.finish()
                report(verifier)
                if let kept {
                    print("ok: the store knows line \(kept.number), of \(Timestamp.format(kept.date))")
                } else if config != nil {
                    print("note: the store knows nothing of this file on this machine")
                }
            } catch let tampering as AuditVerifier.Tampering {
                print("tampering: \(tampering)")
                throw Failure.refused
            } catch {
                throw Failure.report(error)
            }
        }

        /// Where the server's store says that its audit file ended; nil if it is not asked, or does not know.
        private func kept() async throws -> AuditCheckpoint? {
            guard let config else { return nil }
            let configuration = try ConfigurationFile(path: config).open()
            let silent = Logger(label: "store") { _ in SwiftLogNoOpLogHandler() }
            guard let file = configuration.log.audit, let store = try Assembly.store(configuration, silent, true) else {
                throw ConfigurationError(place: config, message: "names no log.audit, or has no store that knows of it")
            }
            return try await store.checkpoint(of: AuditCheckpoints.name(ofFile: file))
        }

        private func report(_ verifier: AuditVerifier) {
            for crash in verifier.crashes { print("crash: \(crash)") }
            guard let first = verifier.first else { return print("ok: there is no line yet") }
            print("ok: \(verifier.count) line(s), \(first) to \(verifier.lastNumber)")
            if first > 1 { print("note: lines before \(first) are in older files, which are not given") }
            if let checkpoint = verifier.checkpoint {
                print("ok: signed up to line \(checkpoint.number), at \(checkpoint.time)")
                if !verifier.isClosed {
                    print(
                        "note: a server that runs signs every minute: if that time is long ago, lines at the end are missing"
                    )
                }
            } else if verifier.unchecked > 0 {
                print("note: \(verifier.unchecked) checkpoint(s) were not checked: name their public key by --key")
            }
        }

        private static func publicKey(_ path: String) throws -> Curve25519.Signing.PublicKey {
            let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
            guard let bytes = Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)),
                let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
            else {
                throw ConfigurationError(
                    place: path, message: "is no public key: the file beside the signing key, with .pub at its end")
            }
            return key
        }
    }
}
