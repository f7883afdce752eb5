import APIKeys
import ArgumentParser
import Credentials
import Foundation
import Logging

extension APIKeyCommand {
    /// `latchkey apikey import`.
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Add keys: lines of latchkey apikey export, or a zot registry's own keys. The server must not run.",
            discussion: """
                Keys that are there already stay as they are: it may be done again. A key that can't be read is refused with a line that says why, the \
                others are added, and the exit status is 1.
                """)

        /// How many refused keys are named: a file of something else has very many.
        private static let maximumNamed = 100

        @OptionGroup var store: StoreOptions
        @Option(
            help: ArgumentHelp("A zot registry's meta.db; its owners are looked up in your sources.", valueName: "file")
        )
        var zot: String?
        @Flag(help: "Say what would be done, and do nothing.") var dryRun = false
        @Argument(help: "The lines; standard input without it.") var file: String?

        func validate() throws {
            guard zot == nil || file == nil else { throw ValidationError("--zot goes without another file") }
        }

        func run() async throws {
            do {
                let configuration = try ConfigurationFile(path: store.config).open()
                let (keys, refused) = if let zot { try await zotsKeys(zot, configuration) } else { try lines() }
                for sentence in refused.prefix(Self.maximumNamed) { say(sentence) }
                if refused.count > Self.maximumNamed { say("\(refused.count - Self.maximumNamed) more are refused") }
                let rest = refused.isEmpty ? "" : "; \(refused.count) refused"
                if dryRun {
                    print("\(keys.count) key(s) would be added, unless they are there\(rest)")
                } else {
                    let (_, store) = try store.open(isObserver: false)
                    var added = 0
                    for start in stride(from: 0, to: keys.count, by: 1000) {
                        added += try await store.add(Array(keys[start..<min(start + 1000, keys.count)]))
                    }
                    try store.shutDown()
                    print("added \(added) key(s); \(keys.count - added) had been there\(rest)")
                }
                guard refused.isEmpty else { throw Failure.refused }
            } catch {
                throw Failure.report(error)
            }
        }

        private func lines() throws(ConfigurationError) -> (keys: [(APIKeyRecord, APIKeyDigest)], refused: [String]) {
            let file = KeyFile(bytes: try InputFile.read(file), place: file ?? "standard input")
            return (file.keys, file.refused)
        }

        /// zot knows the names of its users alone: who they are, the sources tell.
        private func zotsKeys(
            _ path: String, _ configuration: Configuration
        ) async throws -> (keys: [(APIKeyRecord, APIKeyDigest)], refused: [String]) {
            let zot: ZotKeys
            let bytes = try InputFile.read(path)
            do throws(BoltFile.Damage) {
                zot = try ZotKeys(bytes: bytes)
            } catch {
                throw ConfigurationError(place: path, message: error.description)
            }
            for sentence in zot.leftOut { say(sentence) }
            var owners: [UserName: CredentialOwner] = [:]
            let silent = Logger(label: "import") { _ in SwiftLogNoOpLogHandler() }
            var sources = configuration
            sources.apiKeys = false
            let assembly = try await Assembly(sources, logger: silent, isObserver: true)
            let people = OwnerCheck(directories: assembly.people)
            for name in Set(zot.keys.map(\.userName)).sorted() {
                switch await people.person(named: name) {
                case .found(let principal): owners[name] = CredentialOwner(principal)
                case .unavailable(let failure): throw failure
                case .absent, .disabled: say("no source knows \(name): their keys are left out")
                }
            }
            let keys = zot.keys.compactMap { key -> (APIKeyRecord, APIKeyDigest)? in
                guard let owner = owners[key.userName] else { return nil }
                var record = APIKeyRecord(
                    id: key.id, owner: owner, label: key.label, scopes: key.scopes.map { Scope(stored: $0) },
                    createdAt: key.createdAt, expirationDate: key.expirationDate, creatorUserAgent: key.creatorUserAgent
                )
                record.lastUse = key.lastUsed.map { KeyUse(date: $0) }
                return (record, key.digest)
            }
            return (keys, zot.refused)
        }

        private func say(_ text: String) { StandardError.say("latchkey: \(text)") }
    }
}
