import ArgumentParser
import Foundation
import Logging
import SQLiteStorage

/// `latchkey store`.
struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Check, back up, restore and move the store of API keys.",
        subcommands: [Check.self, Backup.self, Restore.self, Copy.self])

    /// `latchkey store check`.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look for damage.", discussion: "Ends with 0 if the store is sound, with 1 if it is damaged.")
        @OptionGroup var store: APIKeyCommand.StoreOptions

        func run() async throws {
            do {
                let folder = try store.read().folder
                let problems: [String]
                do {
                    problems = try await SQLiteStore(readingFrom: folder).problems()
                } catch StorageError.damaged(_, let found) {
                    problems = found
                }
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
            discussion: "latchkey store restore puts it back.")
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

    /// `latchkey store restore`.
    struct Restore: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a backup in the place of the store. The server must not run.",
            discussion: """
                The backup is looked at first, and the files of before are moved aside, never deleted. What was made since the backup is gone, and what has \
                ended since, such as a key that was revoked, works again.
                """)
        @OptionGroup var store: APIKeyCommand.StoreOptions
        @Argument(help: "The file that latchkey store backup has written.") var file: String

        func run() throws {
            do {
                let folder = try store.read().folder
                let aside: [String]
                do throws(StorageError) {
                    aside = try SQLiteStore.restore(file, into: folder, at: .now)
                } catch .damaged(let path, let problems) {
                    for problem in problems { print("damage: \(problem)") }
                    StandardError.say("latchkey: \(path) is damaged: it was not restored, and nothing was changed")
                    throw Failure.refused
                }
                print("restored \(file) into \(folder.path)")
                for path in aside { print("moved aside: \(path)") }
                StandardError.say(
                    "latchkey: keys and sessions that have ended since the backup was made work again: end them once more"
                )
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
