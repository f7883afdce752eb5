import Foundation
import TestSupport
import Testing

@testable import latchkey

@Suite("Where the server listens", .serialized)
struct ListenTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
    }

    @Test("Places are read as people write them, and nothing else is one")
    func reading() {
        for (text, place) in [
            ("127.0.0.1:80", .tcp(address: "127.0.0.1", port: 80)), ("[::1]:8080", .tcp(address: "::1", port: 8080)),
            (":8080", .tcp(address: "0.0.0.0", port: 8080)), ("unix:a/b", .unix(path: "a/b")),
            ("unix:/a,mode=660,group=www", .unix(path: "/a", mode: 0o660, group: "www")),
            ("unix:/a,group=www", .unix(path: "/a", group: "www")), ("systemd", .inherited(name: nil)),
            ("systemd:web", .inherited(name: "web")),
        ] as [(String, Listen)] {
            #expect(Listen(text) == place, "\(text)")
        }
        for text in [
            "", "a", "::1:80", "a:", "a:b", "a:65536", "a:-1", "unix:", "unix:,mode=660", "unix:a,mode=888",
            "unix:a,mode=1777",
            "unix:a,owner=x", "unix:a,group=", "unix:a,", "systemd:", "[::1]", "[::1",
        ] {
            #expect(Listen(text) == nil, "\(text)")
        }
    }

    private func curl(_ arguments: String...) async throws -> String {
        try await Program("curl", package: "curl").run(["-s", "-o", "/dev/null", "-w", "%{http_code}"] + arguments)
            .standardOutput
    }

    @Test("Several places at once, on IPv4, IPv6 and a Unix socket that a group may use; a reload changes them")
    func several() async throws {
        let (first, second) = (try Ports.free(), try Ports.free())
        func text(_ places: String) -> String {
            "http: { listen: [\(places)], auth: { failDelay: 0, htpasswd: { path: htpasswd } } }\n"
        }
        let socket = "'unix:s,mode=660,group=daemon'"
        let server = try await Latchkey(
            configuration: { _ in text("'127.0.0.1:\(first)', '[::1]:\(second)', \(socket)") }, folder: folder)
        try await eventually("it listens everywhere") {
            try server.log.components(separatedBy: "listening").count == 4
        }
        #expect(try await curl("-u", "amy:apple", "http://127.0.0.1:\(first)/v2/") == "200")
        #expect(try await curl("-u", "amy:apple", "http://[::1]:\(second)/v2/") == "200")
        #expect(try await curl("-u", "amy:apple", "--unix-socket", folder.path("s"), "http://x/v2/") == "200")
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.path("s"))
        #expect(
            (attributes[.posixPermissions] as? Int) == 0o660
                && attributes[.groupOwnerAccountName] as? String == "daemon")
        try folder.write("latchkey.yaml", text("'127.0.0.1:\(second)', \(socket)"))
        server.signal(SIGHUP)
        try await eventually("the first is left") { !Ports.isOpen(first) }
        #expect(try await curl("-u", "amy:apple", "http://127.0.0.1:\(second)/v2/") == "200")
        #expect(try await curl("-u", "amy:apple", "--unix-socket", folder.path("s"), "http://x/v2/") == "200")
        #expect(await server.stop() == 0)
    }

    @Test("A socket that systemd has opened is taken over, by its name; without one the server says so")
    func inherited() async throws {
        let port = try Ports.free()
        try folder.write(
            "c.yaml", "http: { listen: ['systemd:web'], auth: { failDelay: 0, htpasswd: { path: htpasswd } } }\n")
        // As systemd does it: two sockets from descriptor 3 on, whose names and number the environment says.
        let script = """
            import os, socket, sys
            other, web = socket.socket(), socket.socket()
            for place, port in ((other, 0), (web, \(port))):
                place.bind(("127.0.0.1", port))
                place.listen()
            held = [os.dup2(os.dup(place.fileno()), 10 + i) for i, place in enumerate((other, web))]
            for i, descriptor in enumerate(held):
                os.dup2(descriptor, 3 + i, inheritable=True)
            os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="2", LISTEN_FDNAMES="other:web")
            os.execv(sys.argv[1], sys.argv[1:])
            """
        let process = try Program("python3", package: "python3").start(
            ["-c", script, Latchkey.program.path, "serve", "--config", folder.path("c.yaml")],
            output: folder.url("log"),
            error: folder.url("log"))
        defer { process.signal(SIGKILL) }
        try await eventually("it answers") {
            guard process.isRunning else { throw NeverHappened(description: try folder.text("log")) }
            return try await curl("-u", "amy:apple", "http://127.0.0.1:\(port)/v2/") == "200"
        }
        process.signal(SIGTERM)
        #expect(await process.waitForExit() == 0)
        let alone = try await Latchkey.program.run(["serve", "--config", folder.path("c.yaml")])
        #expect(alone.status == 3 && alone.standardError.contains("systemd has handed over no socket"), "\(alone)")
        try folder.write(
            "d.yaml", "http: { listen: ['unix:s,group=nosuchgroup'], auth: { htpasswd: { path: htpasswd } } }\n")
        let grouped = try await Latchkey.program.run(["serve", "--config", folder.path("d.yaml")])
        #expect(grouped.status == 3 && grouped.standardError.contains("no group nosuchgroup"), "\(grouped)")
    }
}
