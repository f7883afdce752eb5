import ArgumentParser

/// `latchkey serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", abstract: "Run the server.")

    @OptionGroup var source: ConfigurationOptions

    func run() async throws {
        do {
            try await Server(try source.configuration(), source: source).run()
        } catch {
            throw Failure.report(error)
        }
    }
}
