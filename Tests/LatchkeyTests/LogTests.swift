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

    @Test(
        "What no eye sees and a viewer acts on is written out, in every format: it turns no line round, and hides nothing",
        arguments: [Configuration.Log.Format.text, .json, .journald])
    func unseen(format: Configuration.Log.Format) throws {
        for (text, told) in [
            ("a\u{2028}b", #"a\u2028b"#), ("a\u{2029}b", #"a\u2029b"#), ("a\u{202E}b", #"a\u202eb"#),
            ("a\u{200B}b", #"a\u200bb"#), ("a\u{FEFF}b", #"a\ufeffb"#),
            ("a\u{AD}b", #"a\u00adb"#), ("a\u{2066}b", #"a\u2066b"#), ("a\u{E0041}b", #"a\udb40\udc41b"#),
            ("a\u{85}b", #"a\u0085b"#), ("a\u{7F}b", #"a\u007fb"#),
        ] {
            let line = LogLine.render(
                format, time: .now, level: "info", message: "login \(text)", fields: [("user", text)])
            #expect(line.contains("login \(told)") && line.contains(#""\#(told)""#), "\(line)")
            #expect(
                line.unicodeScalars.allSatisfy {
                    ![.format, .lineSeparator, .paragraphSeparator, .control].contains($0.properties.generalCategory)
                })
            let json = LogLine.json([("user", text)])
            #expect(
                try JSONDecoder().decode([String: String].self, from: Data(json.utf8))["user"].map { Array($0.utf8) }
                    == Array(text.utf8))
        }
        let plain = LogLine.render(
            .text, time: .now, level: "info", message: "x", fields: [("user", "zoë"), ("city", "東京")])
        #expect(plain.hasSuffix("user=zoë city=東京"), "letters of any script stand as they are")
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

    @Test("For the journal a line begins with its level, and has no time of its own")
    func journal() {
        for (level, number) in [
            ("critical", 2), ("error", 3), ("warning", 4), ("notice", 5), ("info", 6), ("debug", 7), ("trace", 7),
        ] {
            let line = LogLine.render(.journald, time: .now, level: level, message: "a\nb", fields: [("c", "x y")])
            #expect(line == "<\(number)>a\\nb c=\"x y\"")
        }
    }

    @Test(
        "rsyslog reads each line with its facility, its level and its program, as text and as JSON; one that was restarted gets those after it"
    )
    func syslog() async throws {
        let folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let configuration = try folder.write(
            "rsyslog.conf",
            """
            module(load="imuxsock" SysSock.Use="off")
            input(type="imuxsock" Socket="\(folder.path("socket"))" UsePIDFromSystem="off")
            template(name="t" type="string" string="%syslogfacility-text%.%syslogseverity-text% %programname%:%msg%\\n")
            action(type="omfile" file="\(folder.path("received"))" template="t" flushOnTXEnd="on")

            """)
        func start() async throws -> RunningProcess {
            try? FileManager.default.removeItem(at: folder.url("socket"))
            let daemon = try Program("rsyslogd", package: "rsyslog").start(
                ["-n", "-i", folder.path("pid-\(UUID())"), "-f", configuration], output: folder.url("daemon"),
                error: folder.url("daemon"))
            try await eventually("rsyslog listens") { FileManager.default.fileExists(atPath: folder.path("socket")) }
            return daemon
        }
        var daemon = try await start()
        let port = try Ports.free()
        func text(_ format: String) -> String {
            """
            http: { port: \(port), auth: { failDelay: 0, htpasswd: { path: htpasswd } } }
            log: { output: 'syslog:socket', format: \(format) }

            """
        }
        let path = try folder.write("c.yaml", text("text"))
        let server = try Latchkey.program.start(
            ["serve", "--config", path], output: folder.url("log"), error: folder.url("log"))
        defer { server.signal(SIGKILL) }
        func received(_ words: String) throws -> Bool { (try? folder.text("received").contains(words)) ?? false }
        func ask(_ user: String) async throws {
            _ = try await Program("curl", package: "curl").run(["-s", "-u", user, "http://127.0.0.1:\(port)/v2/"])
        }
        try await eventually("it has begun") {
            try received("authpriv.notice latchkey: listening address=http://127.0.0.1:\(port)\n")
        }
        try await ask("amy:pear")
        try await eventually("a refusal is there") {
            try received("authpriv.info latchkey: refusal user=amy client=127.0.0.1 reason=wrong-password")
        }
        daemon.signal(SIGTERM)
        _ = await daemon.waitForExit()
        daemon = try await start()
        defer { daemon.signal(SIGKILL) }
        try await ask("bob:x")
        try await eventually("the new one gets it") { try received("user=bob") }
        try folder.write("c.yaml", text("json"))
        server.signal(SIGHUP)
        try await eventually("it is JSON") {
            try received(
                "authpriv.notice latchkey: {\"level\":\"notice\",\"message\":\"the configuration was read again")
        }
        // Standard error has nothing but that the daemon was away, if it was missed.
        let rest = try folder.text("log").split(separator: "\n")
        #expect(rest.allSatisfy { $0.contains("its lines are lost until it can") }, "\(rest)")
    }

    @Test(
        "A key that somebody types into the field for the user's name stands neither in the log nor in the audit file")
    func keyAsName() async throws {
        let folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let server = try await Latchkey(
            auth: "htpasswd: { path: htpasswd }, apikey: true", folder: folder, audit: "{ file: audit.log }")
        let key = "0123456789abcdef0123456789abcdef"
        for name in ["zak_\(key)", "ZAK_\(key.uppercased())", "x zak_\(key) y"] {
            #expect(try await server.curl("/v2/", "-u", "\(name):").status == "401")
            #expect(try await server.curl("/v2/", "-u", "\(name):wrong").status == "401")
        }
        _ = await server.stop()
        for file in ["audit.log", "log"] {
            let text = try folder.text(file)
            #expect(!text.lowercased().contains(key) && text.contains("zak_…"), "\(file): \(text)")
        }
    }
}
