import ArgumentParser
import Foundation

/// `latchkey config`.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Show what can be configured, and what is.",
        subcommands: [Print.self, Schema.self])

    struct Print: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Print what holds: the file, the environment (LATCHKEY_HTTP_PORT is http.port) and what is usual; secrets are hidden."
        )

        @Option(help: "The configuration, JSON or YAML in the shape of zot's.")
        var config: String

        func run() async throws {
            do {
                let file = ConfigurationFile(path: config)
                // One that can't be used must not look as if it could.
                _ = try file.read()
                StandardOutput.write(try EffectiveConfiguration(file.root()).text().utf8)
            } catch {
                throw Failure.report(error)
            }
        }
    }

    struct Schema: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the JSON Schema of the configuration, for editors.")

        func run() async throws {
            print(String(decoding: try JSONSchema.document(), as: UTF8.self))
        }
    }
}
