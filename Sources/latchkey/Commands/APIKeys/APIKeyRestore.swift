import ArgumentParser
import Foundation
import NIOHTTP1

extension APIKeyCommand {
    /// `latchkey apikey restore`.
    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take back that somebody's keys have ended because the htpasswd file had them no more.",
            discussion:
                "For administrators. What somebody has revoked stays revoked. The uuids of the keys are printed, one a line."
        )

        private struct Answer: Decodable {
            var restored: [String]
        }

        @OptionGroup var server: ServerOptions
        @Flag(help: "Everybody's: where a wrong file was in force.") var everybody = false
        @Argument(help: "Whose keys.") var name: String?

        func validate() throws {
            guard everybody != (name != nil) else { throw ValidationError("name whose keys, or say --everybody") }
        }

        func run() async throws {
            try await server.withClient { client in
                let answer = try await client.keys(
                    .POST, "/restore", [name.map { ("user", $0) } ?? ("everybody", "true")])
                if server.json { return print(String(decoding: answer.body, as: UTF8.self)) }
                let restored: Answer = try KeyView.read(answer.body)
                for id in restored.restored { print(id) }
            }
        }
    }
}
