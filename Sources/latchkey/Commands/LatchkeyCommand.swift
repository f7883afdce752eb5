import ArgumentParser
import Foundation

/// `latchkey`.
@main
struct LatchkeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latchkey",
        abstract: "Decides who is asking: htpasswd, LDAP, and API keys of their own for the people in them.",
        version: Version.text,
        subcommands: [
            ServeCommand.self, CheckCommand.self, VerifyCommand.self, AccessCommand.self, APIKeyCommand.self,
            StoreCommand.self, AuditCommand.self, ConfigCommand.self,
            HtpasswdCommand.self,
        ])

    /// The command that a word is a slip for.
    static func suggestion(for words: some Sequence<String>) -> String? {
        var command: any ParsableCommand.Type = LatchkeyCommand.self
        for word in words {
            let names = command.configuration.subcommands.map {
                ($0.configuration.commandName ?? "\($0)".lowercased(), $0)
            }
            guard !names.isEmpty, !word.hasPrefix("-") else { return nil }
            guard let next = names.first(where: { $0.0 == word }) else {
                return NearestKey.find(word, among: names.map(\.0) + ["help"])
            }
            command = next.1
        }
        return nil
    }

    static func main() async {
        // A client that goes away must not end the server.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let code as ExitCode {
            Foundation.exit(code.rawValue)
        } catch {
            // Help was asked for, or the words were wrong.
            let isHelp = exitCode(for: error).isSuccess
            let output = isHelp ? FileHandle.standardOutput : FileHandle.standardError
            let hint = isHelp ? nil : suggestion(for: CommandLine.arguments.dropFirst())
            output.write(Data("\(fullMessage(for: error))\n\(hint.map { "Did you mean '\($0)'?\n" } ?? "")".utf8))
            Foundation.exit(isHelp ? 0 : Failure.usage.rawValue)
        }
    }
}
