import ArgumentParser
import Credentials
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

        @Option(
            help: ArgumentHelp(
                "A public key of signed checkpoints: each must be by a named key, and there must be one. May be given several times, where the key was changed.",
                valueName: "file")) var key: [String] = []
        @Option(
            help: "The server's configuration: its store, and the file beside the audit file, know where that ended.")
        var config: String?
        @Argument(help: "The files, the oldest first.") var files: [String]

        func run() async throws {
            do {
                let keys = try AuditKeys(files: key)
                // Before the files are read: a server that runs goes on writing.
                let (witnesses, notes, head) = try await witnesses()
                var verifier = AuditVerifier(keys: keys, witnesses: witnesses)
                // Reading files blocks.
                let (threads, files) = (BlockingExecutor(name: "audit", threads: 1), files)
                verifier = try await Task(executorPreference: threads) { [verifier] in
                    var verifier = verifier
                    for file in files { try AuditFiles.read(file, into: &verifier) }
                    try verifier.finish(head: head.flatMap { AuditHead.read(besides: $0)?.number })
                    return verifier
                }.value
                for line in verifier.findings.lines("missing") + verifier.report + notes { print(line) }
                guard verifier.findings.isEmpty else { throw Failure.refused }
            } catch let tampering as AuditVerifier.Tampering {
                print("tampering: \(tampering)")
                throw Failure.refused
            } catch {
                throw Failure.report(error)
            }
        }

        /// Who knows where the server's audit file ended, what to say of those who know nothing, and the file that the head is beside.
        private func witnesses() async throws -> ([AuditWitness], notes: [String], head: String?) {
            guard let config else { return ([], [], nil) }
            let configuration = try ConfigurationFile(path: config).open()
            let silent = Logger(label: "store") { _ in SwiftLogNoOpLogHandler() }
            guard let file = configuration.log.audit else {
                throw ConfigurationError(place: config, message: "names no log.audit: there is nothing to compare with")
            }
            var (witnesses, notes): ([AuditWitness], [String]) = ([], [])
            let kept = try await Assembly.store(configuration, silent, true)?.checkpoint(
                of: AuditCheckpoints.name(ofFile: file))
            if let kept {
                let store = AuditWitness(kept)
                witnesses.append(store)
                notes.append("ok: the store knows line \(store.number), of \(Timestamp.format(kept.date))")
            } else {
                notes.append("note: the store knows nothing of this file on this machine")
            }
            if let head = AuditHead.read(besides: file) {
                witnesses.append(AuditWitness(head, file: file))
                notes.append("ok: \(AuditHead.path(of: file)) knows line \(head.number)")
            } else {
                notes.append("note: \(AuditHead.path(of: file)) is gone or damaged, and can't be compared with")
            }
            return (witnesses, notes, file)
        }
    }
}
