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
            discussion: "Keys that are there already stay as they are: it may be done again.")

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
                let keys = if let zot { try await zotsKeys(zot, configuration) } else { try lines() }
                guard !dryRun else { return print("\(keys.count) key(s) would be added, unless they are there") }
                let (_, store) = try store.open(isObserver: false)
                var added = 0
                for start in stride(from: 0, to: keys.count, by: 1000) {
                    added += try await store.add(Array(keys[start..<min(start + 1000, keys.count)]))
                }
                try store.shutDown()
                print("added \(added) key(s); \(keys.count - added) had been there")
            } catch {
                throw Failure.report(error)
            }
        }

        private func lines() throws(ConfigurationError) -> [(APIKeyRecord, APIKeyDigest)] {
            let place = file ?? "standard input"
            let handle: FileHandle? = file.map { FileHandle(forReadingAtPath: $0) } ?? .standardInput
            guard let data = (try? handle?.readToEnd()) ?? (handle == nil ? nil : Data()) else {
                throw ConfigurationError(place: place, message: "can't be read: check the path and its permissions")
            }
            var keys: [(APIKeyRecord, APIKeyDigest)] = []
            for (number, line) in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                .enumerated()
            where !line.isEmpty {
                let place = "\(place):\(number + 1)"
                guard let key = try? JSONDecoder().decode(KeyLine.self, from: line) else {
                    throw ConfigurationError(place: place, message: "is no line of latchkey apikey export")
                }
                keys.append(try key.read(place))
            }
            return keys
        }

        /// zot knows the names of its users alone: who they are, the sources tell.
        private func zotsKeys(
            _ path: String, _ configuration: Configuration
        ) async throws -> [(APIKeyRecord, APIKeyDigest)] {
            guard let data = FileManager.default.contents(atPath: path) else {
                throw ConfigurationError(place: path, message: "can't be read: check the path and its permissions")
            }
            let zot: ZotKeys
            do {
                zot = try ZotKeys(bytes: Array(data))
            } catch {
                throw ConfigurationError(place: path, message: "\(error)")
            }
            for problem in zot.problems { note(problem) }
            var owners: [String: CredentialOwner] = [:]
            let silent = Logger(label: "import") { _ in SwiftLogNoOpLogHandler() }
            var sources = configuration
            sources.apiKeys = false
            let assembly = try await Assembly(sources, logger: silent, isObserver: true)
            let people = OwnerCheck(directories: assembly.people)
            for name in Set(zot.keys.map(\.userName)).sorted() {
                switch await people.person(named: UserName(name)) {
                case .found(let principal): owners[name] = CredentialOwner(principal)
                case .unavailable(let failure): throw failure
                case .absent, .disabled: note("no source knows \(name): their keys are left out")
                }
            }
            return zot.keys.compactMap { key in
                guard let owner = owners[key.userName] else { return nil }
                var record = APIKeyRecord(
                    id: key.id, owner: owner, label: key.label, scopes: key.scopes.map { Scope(stored: $0) },
                    createdAt: key.createdAt, expirationDate: key.expirationDate, creatorUserAgent: key.creatorUserAgent
                )
                record.lastUse = key.lastUsed.map { KeyUse(date: $0) }
                return (record, key.digest)
            }
        }

        private func note(_ text: String) { FileHandle.standardError.write(Data("latchkey: \(text)\n".utf8)) }
    }
}
