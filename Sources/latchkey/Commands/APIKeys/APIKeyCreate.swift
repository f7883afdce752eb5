import ArgumentParser
import NIOHTTP1
import AuthService
import Foundation

extension APIKeyCommand {
    /// `latchkey apikey create`.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key, and print it alone on standard output.")

        @OptionGroup var server: ServerOptions
        @Option(help: "Your name for it.") var label = ""
        @Option(help: "What it is limited to, such as team/**:read; it may stand several times.") var scope: [String] =
            []
        @Option(help: "When it ends: in 30d, 12h; at 2030-12-31 or a time of RFC 3339; or never.") var expires: String?
        @Option(help: ArgumentHelp("For administrators: make it for this service account.", valueName: "name"))
        var serviceAccount: String?
        @Option(
            help: ArgumentHelp("The person who answers for the service account; by default you.", valueName: "name"))
        var responsible: String?

        func run() async throws {
            let body = try body()
            try await server.withClient { client in
                let query = serviceAccount.map { [("user", $0)] } ?? []
                let answer = try await client.keys(.POST, "", query, body: body)
                try APIKeyCommand.show(answer, asJSON: server.json)
            }
        }

        private func body() throws -> Data {
            var fields: [String: Any] = ["label": label, "scopes": scope]
            if let expires { fields["expirationDate"] = try Self.date(expires, from: .now) }
            if let responsible { fields["responsible"] = responsible }
            return try JSONSerialization.data(withJSONObject: fields)
        }

        /// What the API takes as an end.
        static func date(_ text: String, from now: Date) throws -> String {
            if text == "never" { return text }
            if text.wholeMatch(of: /\d{4}-\d\d-\d\d/) != nil { return "\(text)T23:59:59Z" }
            if text.contains("T") { return text }
            guard let duration = DurationText.parse(text), duration > .zero else {
                throw ValidationError(
                    "--expires is 30d, 12h, a day such as 2030-12-31, a time of RFC 3339, or never; not '\(text)'")
            }
            return now.addingTimeInterval(duration / .seconds(1)).formatted(.iso8601)
        }
    }

    /// Prints a key that was just made: the key alone on standard output, what is to be known of it beside it.
    static func show(_ answer: LatchkeyClient.Answer, asJSON: Bool) throws {
        let view: KeyView = try KeyView.read(answer.body)
        guard let key = view.apiKey else {
            throw LatchkeyClient.Refusal(status: 503, description: "the server's answer has no key in it")
        }
        print(asJSON ? String(decoding: answer.body, as: UTF8.self) : key)
        if var failure = StandardOutput.failure {
            // It works, and nobody has seen it.
            failure.advice = "the key \(view.uuid) was made, and nobody has seen it: revoke it"
            throw failure
        }
        guard !asJSON else { return }
        let end = view.expirationDate.hasPrefix(KeyView.never) ? "never ends" : "ends at \(view.expirationDate)"
        StandardError.say("latchkey: key \(view.uuid) \(end); it is shown this once")
    }
}
