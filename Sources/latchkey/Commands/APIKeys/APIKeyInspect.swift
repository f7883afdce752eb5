import APIKeys
import ArgumentParser
import Credentials
import Foundation
import Logging
import SQLiteStorage

extension APIKeyCommand {
    /// Which store is looked into: the server's, beside it.
    struct StoreOptions: ParsableArguments {
        @Option(help: "The server's configuration.") var config: String

        /// The configuration with its store of keys, wherever that is.
        /// - Parameter isObserver: only look, beside the server that has it.
        func open(isObserver: Bool) throws -> (Configuration, store: any NodeStore) {
            let configuration = try ConfigurationFile(path: config).open()
            let silent = Logger(label: "store") { _ in SwiftLogNoOpLogHandler() }
            guard configuration.apiKeys, configuration.hasStorage else {
                throw ConfigurationError(
                    place: config,
                    message:
                        "has no store of API keys: set http.auth.apikey and storage.rootDirectory or storage.postgresql"
                )
            }
            guard let store = try Assembly.store(configuration, silent, isObserver) else {
                throw ConfigurationError(place: config, message: "has a store that no server has made yet")
            }
            return (configuration, store)
        }

        /// The configuration, which must have a folder for keys.
        func read() throws(ConfigurationError) -> (Configuration, folder: URL) {
            let configuration = try ConfigurationFile(path: config).open()
            guard configuration.postgreSQL == nil else {
                throw ConfigurationError(
                    place: config, message: "keeps keys in PostgreSQL: its own tools look after them, such as pg_dump")
            }
            guard configuration.apiKeys, let folder = configuration.rootDirectory else {
                throw ConfigurationError(
                    place: config, message: "has no store of API keys: set http.auth.apikey and storage.rootDirectory")
            }
            return (configuration, URL(filePath: folder))
        }
    }

    /// `latchkey apikey inspect`.
    struct Inspect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say whose a key is that somebody has found; it is typed, or stands on standard input.",
            discussion: "Ends with 0 if the key works, with 1 if it does not or there is none.")

        @OptionGroup var store: StoreOptions

        func run() async throws {
            do {
                let (configuration, store) = try store.open(isObserver: true)
                let secret = SecretInput.read(prompt: "The key: ")
                guard let digest = APIKey(secret)?.digest else {
                    print("this has not the form of a key: zak_ and 32 lower-case hexadecimal digits")
                    throw Failure.refused
                }
                guard let record = try await store.record(of: digest) else {
                    print("there is no such key")
                    throw Failure.refused
                }
                let ring = APIKeyRing(store: store, options: configuration.keys.options)
                let judged = try await ring.judge(record, at: .now)
                let (state, rule) = (judged.state, judged.rule)
                print("state: \(state.rawValue)\(rule.map { " by \($0.rawValue)" } ?? "")")
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
                print(String(decoding: try encoder.encode(KeyLine(record, digest)), as: UTF8.self))
                if state != .active { throw Failure.refused }
            } catch {
                throw Failure.report(error)
            }
        }
    }

    /// `latchkey apikey export`.
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write all keys as lines of JSON, with their digests: never the keys themselves.")

        @OptionGroup var store: StoreOptions

        func run() async throws {
            do {
                let (_, store) = try store.open(isObserver: true)
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                var last: UUID?
                while case let page = try await store.keyPage(after: last), !page.isEmpty {
                    for (record, digest) in page {
                        var line = try encoder.encode(KeyLine(record, digest))
                        line.append(UInt8(ascii: "\n"))
                        StandardOutput.write(line)
                    }
                    try StandardOutput.check()
                    last = page.last?.0.id
                }
            } catch {
                throw Failure.report(error)
            }
        }
    }
}
