import ArgumentParser
import Foundation
import Logging
import SQLiteStorage

/// `latchkey store`.
struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Check, back up and move the store of API keys.",
        subcommands: [Check.self, Backup.self, Copy.self])

    /// `latchkey store check`.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Look for damage.")
        @OptionGroup var store: APIKeyCommand.StoreOptions

        func run() async throws {
            do {
                let folder = try store.read().folder
                let problems = try await SQLiteStore(readingFrom: folder).problems()
                for problem in problems { print("damage: \(problem)") }
                guard problems.isEmpty else { throw Failure.refused }
                print("the store in \(folder.path) is sound")
            } catch {
                throw Failure.report(error)
            }
        }
    }

    /// `latchkey store backup`.
    struct Backup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copy the store as it is at one moment, while the server works.",
            discussion: "To restore it, stop the server and put the file into the data folder as latchkey.sqlite.")
        @OptionGroup var store: APIKeyCommand.StoreOptions
        @Argument(help: "The file to write; it must not be there yet.") var file: String

        func run() async throws {
            do {
                let folder = try store.read().folder
                try await SQLiteStore(readingFrom: folder).backUp(to: file)
                print("wrote \(file)")
            } catch {
                throw Failure.report(error)
            }
        }
    }

    /// `latchkey store copy`.
    struct Copy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Move everything from one store to another one, such as from a folder to PostgreSQL, or back.",
            discussion: """
                Stop the servers of both before. What the other store has already stays as it is: a copy that was cut off is begun again. At the end each key, \
                session and person is looked for in the other store.
                """)
        @Option(help: "A configuration whose storage is read.") var from: String
        @Option(help: "A configuration whose storage is filled.") var to: String

        func run() async throws {
            do {
                let silent = Logger(label: "copy") { _ in SwiftLogNoOpLogHandler() }
                func open(_ path: String) throws -> any NodeStore {
                    let configuration = try ConfigurationFile(path: path).open()
                    guard let store = try Assembly.store(configuration, silent, false) else {
                        throw ConfigurationError(
                            place: path, message: "keeps nothing: set http.auth.apikey and a place in storage")
                    }
                    return store
                }
                let (source, target) = (try open(from), try open(to))
                let copy = StoreCopy(source: source, target: target)
                let counts = try await copy.copy()
                let differences = try await copy.differences()
                try source.shutDown()
                try target.shutDown()
                for difference in differences { print("differs: \(difference)") }
                guard differences.isEmpty else { throw Failure.refused }
                print("copied \(counts.line); all are there")
            } catch {
                throw Failure.report(error)
            }
        }
    }
}
