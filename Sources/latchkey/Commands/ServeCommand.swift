import ArgumentParser

/// `latchkey serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", abstract: "Run the server.")

    @OptionGroup var source: ConfigurationOptions

    func run() async throws {
        var listen: Configuration.Listen?
        do {
            let configuration = try source.configuration()
            listen = configuration.listen
            try await Server(configuration, source: source).run()
        } catch {
            throw Failure.report(error, listen: listen)
        }
    }
}
