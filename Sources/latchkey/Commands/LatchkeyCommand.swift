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
        Descriptor.keepStandardOnes()
        // A client that goes away must not end the server.
        signal(SIGPIPE, SIG_IGN)
        let code = await run(Array(CommandLine.arguments.dropFirst()))
        guard let failure = StandardOutput.untoldFailure else { Foundation.exit(code.rawValue) }
        // Whoever reads what a command prints goes by its exit status.
        Foundation.exit(Failure.report(failure).rawValue)
    }

    /// Runs the command that words name.
    /// - Returns: the exit status to end with, unless something could not be printed.
    private static func run(_ words: [String]) async -> ExitCode {
        do {
            var command = try parseAsRoot(words)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return .success
        } catch let code as ExitCode {
            return code
        } catch {
            let text = fullMessage(for: error)
            // Help was asked for, or the words were wrong.
            guard !exitCode(for: error).isSuccess else {
                StandardOutput.write("\(text)\n".utf8)
                return .success
            }
            let hint = suggestion(for: words).map { "Did you mean '\($0)'?\n" } ?? ""
            StandardError.write("\(MaskedKey.text(Visible.text(text)))\n\(hint)")
            return Failure.usage
        }
    }
}
