import ArgumentParser
import Foundation
import SQLiteStorage

/// `latchkey store`.
struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Check and back up the store of API keys, beside the server that has it.",
        subcommands: [Check.self, Backup.self])

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
}
