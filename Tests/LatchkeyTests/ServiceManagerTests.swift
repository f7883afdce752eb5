import Foundation
import TestSupport
import Testing

@testable import latchkey

@Suite("What systemd is told", .serialized)
struct ServiceManagerTests {
    /// Listens as systemd does, starts the server for it, and prints what it hears, a line each.
    private static let script = """
        import os, socket, subprocess, sys
        abstract = sys.argv[1] == "abstract"
        name = "\\0latchkey-%d" % os.getpid() if abstract else sys.argv[1]
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listener.bind(name)
        environment = dict(os.environ, NOTIFY_SOCKET=name.replace("\\0", "@"), WATCHDOG_USEC="400000")
        server = subprocess.Popen(sys.argv[2:], env=environment)
        print("pid", server.pid, flush=True)
        while True:
            print(listener.recv(4096).decode().replace("\\n", " "), flush=True)
        """

    @Test(
        "When it is ready, reloads, is alive and stops, over a path and in the abstract space",
        arguments: [false, true])
    func messages(isAbstract: Bool) async throws {
        let folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let configuration = try folder.write(
            "c.yaml", "http: { port: 0, auth: { htpasswd: { path: htpasswd } } }\n")
        let manager = try Program("python3", package: "python3").start(
            [
                "-c", Self.script, isAbstract ? "abstract" : folder.path("notify"), Latchkey.program.path, "serve",
                "--config", configuration,
            ],
            output: folder.url("heard"), error: folder.url("log"))
        defer { manager.signal(SIGKILL) }
        func heard() throws -> [String] { try folder.text("heard").split(separator: "\n").map(String.init) }
        try await eventually("it is ready and alive") {
            let lines = try heard()
            return lines.contains("READY=1 STATUS=Answering") && lines.contains("WATCHDOG=1")
        }
        let process = try #require(
            try heard().first { $0.hasPrefix("pid ") }?.split(separator: " ").last.flatMap { Int32($0) })
        defer { kill(process, SIGKILL) }
        kill(process, SIGHUP)
        try await eventually("it has reloaded") {
            let lines = try heard().filter { $0 != "WATCHDOG=1" }
            guard let place = lines.firstIndex(where: { $0.hasPrefix("RELOADING=1 MONOTONIC_USEC=") }) else {
                return false
            }
            return lines[place...].contains("READY=1 STATUS=Answering")
        }
        // A broken configuration is no end: what was in force is what answers.
        try folder.write("c.yaml", "http: { prot: 0 }\n")
        kill(process, SIGHUP)
        try await eventually("it is ready again") {
            try heard().count { $0.hasPrefix("RELOADING") } >= 2
                && heard().last { $0 != "WATCHDOG=1" } == "READY=1 STATUS=Answering"
        }
        kill(process, SIGTERM)
        try await eventually("it stops") { try heard().contains { $0.hasPrefix("STOPPING=1") } }
    }

    @Test("Without systemd, or for another process, nothing is told")
    func without() {
        #expect(ServiceManager(environment: [:]).watchdogInterval == nil)
        #expect(ServiceManager(environment: ["WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"]).watchdogInterval == nil)
        #expect(ServiceManager(environment: ["WATCHDOG_USEC": "1000"]).watchdogInterval == .milliseconds(1))
        #expect(ServiceManager(environment: ["WATCHDOG_USEC": "x"]).watchdogInterval == nil)
        for path in ["", "/", "@", "/nowhere", String(repeating: "x", count: 200)] {
            ServiceManager(environment: ["NOTIFY_SOCKET": path]).tell(.ready)
        }
    }
}
