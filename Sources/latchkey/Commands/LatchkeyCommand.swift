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
            output.write(Data("\(fullMessage(for: error))\n".utf8))
            Foundation.exit(isHelp ? 0 : Failure.usage.rawValue)
        }
    }
}
