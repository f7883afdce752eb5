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

    @Test("A file that is moved away or deleted is opened anew, and no line is lost or stands twice")
    func moved() async throws {
        let folder = try TemporaryFolder()
        let writer = try LineWriter(path: folder.path("log"))
        for i in 0..<10 {
            let line = "line \(i)"
            writer.write(line)
            try await eventually("it is written") { (try? folder.text("log").hasSuffix(line + "\n")) == true }
            try FileManager.default.moveItem(at: folder.url("log"), to: folder.url("log.\(i)"))
        }
        // Told to, it lets go of the old one although nothing is written.
        writer.reopen()
        try await eventually("there is a new one") { FileManager.default.fileExists(atPath: folder.path("log")) }
        writer.close()
        for i in 0..<10 { #expect(try folder.text("log.\(i)") == "line \(i)\n") }
        #expect(try folder.text("log").isEmpty && writer.lost == 0)
    }

    @Test("Where a new file can't be made, the old one goes on taking lines")
    func stays() throws {
        let folder = try TemporaryFolder()
        let place = folder.url("logs")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let writer = try LineWriter(path: place.appending(path: "log").path)
        let moved = folder.url("moved")
        try FileManager.default.moveItem(at: place, to: moved)
        writer.write("line")
        writer.close()
        #expect(try String(contentsOf: moved.appending(path: "log"), encoding: .utf8) == "line\n" && writer.lost == 0)
    }
}
