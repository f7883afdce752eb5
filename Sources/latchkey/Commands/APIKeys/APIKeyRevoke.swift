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
                    let list: Revoked = try KeyView.read(answer.body)
                    try show(list.revoked)
                    if list.revoked.isEmpty { StandardError.say("latchkey: there was no key to revoke") }
                }
                for id in ids {
                    _ = try await client.keys(.DELETE, "", person + [("id", id)])
                    // One that fails must not hide those before it.
                    try show([id.lowercased()])
                }
            }
        }

        /// What was revoked: with `--json` an object as the server's own for all of them, whichever way they were named.
        private struct Revoked: Codable {
            var revoked: [String]
        }

        private func show(_ ids: [String]) throws {
            guard !server.json else {
                return print(String(decoding: try JSONEncoder().encode(Revoked(revoked: ids)), as: UTF8.self))
            }
            for id in ids { print("revoked \(id)") }
        }

        /// Tells the server of a key that somebody has found.
        private func report() async throws {
            do {
                let client = try LatchkeyClient(server: server.address(), credential: nil, authorities: server.cacert)
                let secret = SecretInput.read(prompt: "The leaked key: ")
                try await client.closing {
                    _ = try await client.ask(.POST, "/auth/apikey/revoke", body: Data(secret.bytes))
                }
                // Whether there was one is told to nobody.
                print(server.json ? #"{"reported":true}"# : "if there was such a key, it is revoked now")
            } catch {
                throw Failure.report(error)
            }
        }
    }
}
