import Credentials
import Foundation
import TestSupport
import Testing

@testable import latchkey

@Suite("What a log file may be")
struct LineFileKindTests {
    @Test("A named pipe is refused in words, with a reader or without: the start does not hang")
    func pipe() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("pipe")
        #expect(mkfifo(path, 0o600) == 0)
        func refusal(_ hasOneWriter: Bool) -> String {
            do throws(ConfigurationError) {
                try LineFile(path: path, hasOneWriter: hasOneWriter).letGo()
                return "none"
            } catch {
                return "\(error)"
            }
        }
        for hasOneWriter in [false, true] { #expect(refusal(hasOneWriter).contains("is no regular file")) }
        let reader = open(path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        for hasOneWriter in [false, true] { #expect(refusal(hasOneWriter).contains("is no regular file")) }
    }

    @Test("The log may go to a device, and the audit file may not")
    func device() throws {
        try LineFile(path: "/dev/null", hasOneWriter: false).letGo()
        #expect(throws: ConfigurationError.self) { try LineFile(path: "/dev/null", hasOneWriter: true) }
    }

    @Test("The log may go to /dev/stdout and /dev/stderr, which are pipes where a service manager reads them")
    func standard() async throws {
        let folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        for (number, name) in ["/dev/stdout", "/dev/stderr"].enumerated() {
            let path = try folder.write(
                "c\(number).yaml",
                """
                http: { port: \(try Ports.free()), auth: { htpasswd: { path: htpasswd } } }
                log: { output: \(name) }
                """)
            // Ended once it has written a line.
            let script = """
                { "$0" serve --config "$1" 2>&1 & echo $! > "$2"; wait $!; } |
                { IFS= read -r line; echo "first: $line"; kill "$(cat "$2")"; cat; }
                """
            let output = try await Program("bash", package: "bash").run(
                ["-c", script, Latchkey.program.path, path, folder.path("pid")])
            #expect(
                output.standardOutput.contains(#/first: .+/#) && !output.standardOutput.contains("is no regular file"),
                "\(output)")
        }
    }
}
