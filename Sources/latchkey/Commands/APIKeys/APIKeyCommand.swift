import ArgumentParser

/// `latchkey apikey`.
struct APIKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apikey", abstract: "Make, list, rotate and revoke API keys at a server; look into its store.",
        subcommands: [
            Create.self, List.self, Rotate.self, Revoke.self, Inspect.self, Export.self, Import.self,
        ])
}
