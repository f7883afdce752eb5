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
                var views: [KeyView] = try (KeyView.read(answer.body) as KeyView.List).apiKeys
                while let next = answer.next {
                    answer = try await client.ask(.GET, next)
                    views += try (KeyView.read(answer.body) as KeyView.List).apiKeys
                }
                show(views)
            }
        }

        private func show(_ views: [KeyView]) {
            guard !server.json else {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                for view in views {
                    print((try? encoder.encode(view)).map { String(decoding: $0, as: UTF8.self) } ?? "")
                }
                return
            }
            let table = TextTable(columns: KeyView.columns, rows: views.map(\.cells), flexible: [1, 3])
            for line in table.lines(width: TextTable.terminalWidth) { print(line) }
        }
    }
}
