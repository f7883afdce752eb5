import ArgumentParser
import NIOHTTP1
import Credentials
import Foundation

extension APIKeyCommand {
    /// `latchkey apikey revoke`.
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke keys: by their uuids, all of them, or one whose text you have.")

        @OptionGroup var server: ServerOptions
        @Flag(help: "All keys.") var all = false
        @Flag(help: "The key whose text is typed, or stands on standard input; no user name is needed.") var leaked =
            false
        @Option(help: ArgumentHelp("For administrators: keys of somebody else.", valueName: "name")) var of: String?
        @Argument(help: "The keys' uuids.") var ids: [String] = []

        func validate() throws {
            guard [all, leaked, !ids.isEmpty].count(where: { $0 }) == 1 else {
                throw ValidationError("name the keys by their uuids, or all of them by --all, or one by --leaked")
            }
        }

        func run() async throws {
            if leaked { return try await report() }
            try await server.withClient { client in
                let person = of.map { [("user", $0)] } ?? []
                if all {
                    let answer = try await client.keys(.DELETE, "", person + [("all", "true")])
                    print(String(decoding: answer.body, as: UTF8.self))
                }
                for id in ids {
                    _ = try await client.keys(.DELETE, "", person + [("id", id)])
                    print("revoked \(id)")
                }
            }
        }

        /// Tells the server of a key that somebody has found.
        private func report() async throws {
            do {
                let client = try LatchkeyClient(server: server.address(), credential: nil, authorities: server.cacert)
                let secret = SecretInput.read(prompt: "The leaked key: ")
                try await client.closing {
                    _ = try await client.ask(.POST, "/auth/apikey/revoke", body: Data(secret.bytes))
                }
                print("if there was such a key, it is revoked now")
            } catch {
                throw Failure.report(error)
            }
        }
    }
}
