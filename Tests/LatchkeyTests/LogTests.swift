import Foundation
import TestSupport
import Testing

@testable import latchkey

@Suite("Log lines")
struct LogTests {
    private let nasty = "a\nb\r\"q\" \\ \u{1b}[31m \u{2028} é 🗝 \u{85}"

    @Test("Whatever a value holds, it stays one line, and JSON gives it back")
    func oneLine() throws {
        for format in [Configuration.Log.Format.text, .json] {
            let line = LogLine.render(format, time: .now, level: "info", message: "login", fields: [("user", nasty)])
            #expect(!line.contains { $0.isNewline } && !line.unicodeScalars.contains { $0.value < 0x20 })
        }
        let json = LogLine.json([("user", nasty)])
        let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: String]
        #expect(object?["user"] == nasty)
    }

    @Test("The time of a line is the one that Foundation writes, for any time")
    func timestamp() {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        for _ in 0..<2000 {
            // Whole eighths of a second are exact in both; before 1582 Foundation counts by Julius Caesar.
            let date = Date(timeIntervalSince1970: (Double.random(in: -1.1e10...2e11) * 8).rounded() / 8)
            #expect(Timestamp.format(date) == date.formatted(style))
        }
    }

    @Test("Plain values stand without quotes")
    func plain() {
        let line = LogLine.render(
            .text, time: Date(timeIntervalSince1970: 0), level: "info", message: "login",
            fields: [("a", "x"), ("b", ""), ("c", "x y")])
        #expect(line == #"1970-01-01T00:00:00.000Z info login a=x b="" c="x y""#)
    }

    @Test("Every line that was taken is in the file, in order, once the writer is closed")
    func writer() throws {
        let folder = try TemporaryFolder()
        let writer = try LineWriter(path: folder.path("log"))
        for i in 0..<5000 { writer.write("line \(i)") }
        writer.close()
        writer.write("too late")
        #expect(try folder.text("log") == (0..<5000).map { "line \($0)\n" }.joined())
        #expect(throws: ConfigurationError.self) { try LineWriter(path: "/nowhere/log") }
    }
}
