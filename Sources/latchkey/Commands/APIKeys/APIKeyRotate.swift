import ArgumentParser
import NIOHTTP1

extension APIKeyCommand {
    /// `latchkey apikey rotate`.
    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a successor of a key, alike in all; it alone is printed on standard output.",
            discussion:
                "Without an id it is the key that you log in with. Rotate a key once: a second time revokes its family."
        )

        @OptionGroup var server: ServerOptions
        @Option(help: "How long the old one works beside it: 0 to 30d; a day if you do not say.") var overlap: String?
        @Option(help: ArgumentHelp("For administrators: a key of somebody else.", valueName: "name")) var of: String?
        @Argument(help: "The key's uuid.") var id: String?

        func run() async throws {
            try await server.withClient { client in
                let query = [("id", id), ("overlap", overlap), ("user", of)].compactMap { name, value in
                    value.map { (name, $0) }
                }
                try APIKeyCommand.show(try await client.keys(.POST, "/rotate", query), asJSON: server.json)
            }
        }
    }
}
