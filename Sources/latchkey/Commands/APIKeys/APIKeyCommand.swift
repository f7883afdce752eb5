import ArgumentParser

/// `latchkey apikey`.
struct APIKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apikey",
        abstract: "Make, list, rotate, revoke and restore API keys at a server; look into its store.",
        subcommands: [
            Create.self, List.self, Rotate.self, Revoke.self, Restore.self, Inspect.self, Export.self, Import.self,
        ])
}
