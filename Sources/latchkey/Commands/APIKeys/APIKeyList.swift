import ArgumentParser
import NIOHTTP1
import Foundation

extension APIKeyCommand {
    /// `latchkey apikey list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List your keys.")

        @OptionGroup var server: ServerOptions
        @Option(help: "Only those with this label.") var label: String?
        @Option(
            help: "Only those in this state: active, expired, revoked, blocked, all. Without it all but revoked ones.")
        var state: [String] = []
        @Option(help: ArgumentHelp("For administrators: those of somebody else.", valueName: "name")) var of: String?

        func run() async throws {
            try await server.withClient { client in
                var query = [("n", "1000")] + state.map { ("state", $0) }
                if let label { query.append(("label", label)) }
                if let of { query.append(("user", of)) }
                var answer = try await client.keys(.GET, "", query)
                var bodies = [answer.body]
                while let next = answer.next {
                    answer = try await client.ask(.GET, next)
                    bodies.append(answer.body)
                }
                try show(bodies)
            }
        }

        private func show(_ bodies: [Data]) throws {
            var (views, isIncomplete): ([KeyView], Bool) = ([], false)
            for body in bodies {
                let list: KeyView.List = try KeyView.read(body)
                views += list.apiKeys
                isIncomplete = isIncomplete || list.incomplete ?? false
                if server.json { for line in try KeyView.lines(of: body) { print(line) } }
            }
            if isIncomplete {
                StandardError.say("latchkey: a source of users could not be asked: there may be more keys")
            }
            guard !server.json else { return }
            let table = TextTable(columns: KeyView.columns, rows: views.map(\.cells), flexible: [1, 3])
            for line in table.lines(width: TextTable.terminalWidth) { print(line) }
        }
    }
}
