import Foundation
import TestSupport
import Testing

// One after the other: seven proxies at once would starve every other test of the machine.
@Suite("Doors: real proxies, configured as their pages have it", .serialized)
struct DoorTests {
    @Test(
        "Passwords, keys, groups, refusals, throttle and outage come to the user as Latchkey means them",
        arguments: Door.allCases)
    func answers(door: Door) async throws {
        let opened = try await OpenedDoor(door)
        let (key, _) = try await opened.latchkey.createKey("alice:apple")
        let (scoped, _) = try await opened.latchkey.createKey("alice:apple", #"{"scopes": ["repo1"]}"#)
        let cases: [(String, [String], String)] = [
            ("/", ["-u", "alice:apple"], "200"), ("/", ["-u", "alice:\(key)"], "200"),
            ("/", ["-H", "Authorization: Bearer \(key)"], "200"), ("/", [], "401"),
            ("/", ["-u", "carol:wrong"], "401"),
            ("/", ["-u", "carol:zak_\(String(repeating: "0", count: 32))"], "401"),
            ("/", ["-u", "alice:\(scoped)"], "403"), ("/admin/", ["-u", "alice:apple"], "200"),
            ("/admin/x?y=z", ["-u", "alice:\(key)"], "200"), ("/admin/", ["-u", "carol:apple"], "403"),
            ("/admin", ["-u", "carol:apple"], "403"), ("/admin/", [], "401"), ("/", ["-u", "nobody:x"], "503"),
            ("/admin/", ["-u", "nobody:x"], "503"), ("/", ["-X", "OPTIONS"], "401"),
            ("/", ["-X", "OPTIONS", "-u", "carol:apple"], "200"), ("/", ["-I", "-u", "carol:apple"], "200"),
            ("/", ["-I"], "401"),
        ]
        for (path, arguments, status) in cases {
            let answer = try await opened.curl(path, arguments)
            #expect(answer.status == status, "\(door) \(path) \(arguments): \(answer)")
            let head = answer.head.lowercased()
            if status == "401" { #expect(head.contains("\nwww-authenticate: basic realm="), "\(door) \(answer)") }
            if status == "503" { #expect(head.contains("\nretry-after: "), "\(door) \(answer)") }
        }
        // Three failures are free.
        var last = try await opened.curl("/", ["-u", "bob:wrong"])
        for guess in 0..<8 where last.status != "429" {
            last = try await opened.curl("/", ["-u", "bob:guess\(guess)"])
        }
        #expect(last.status == "429" && last.head.lowercased().contains("\nretry-after: "), "\(door) \(last)")
        // The clients differ by their addresses, and other users are not slowed down.
        #expect(try await opened.status("/", "-u", "carol:apple") == "200")
        #expect(try opened.latchkey.log.contains("client=127.0.0.1"))

        await opened.latchkey.stop()
        let down = try await opened.curl("/", ["-u", "alice:apple"])
        #expect(down.status == door.statusWithoutLatchkey, "\(door) \(down)")
    }

    @Test(
        "The application is told who it is, sees no secret, and nothing that a client forges comes to it",
        arguments: Door.allCases)
    func identity(door: Door) async throws {
        let opened = try await OpenedDoor(door)
        let plain = try await opened.received("/some/path?a=b%20c", ["-u", "alice:apple"])
        #expect(plain.method == "GET" && plain.target == "/some/path?a=b%20c", "\(door) \(plain)")
        #expect(
            plain.values("remote-user") == ["alice"] && plain.values("remote-groups") == ["admins"], "\(door) \(plain)")
        #expect(plain.values("authorization").isEmpty, "\(door) \(plain)")
        for name in ["Remote-User", "Remote-Groups", "Remote-Name", "Remote-Email"] {
            let underscored = name.replacing("-", with: "_")
            for spelling in [
                name, name.lowercased(), name.uppercased(), underscored, underscored.lowercased(),
                underscored.uppercased(),
            ] {
                for user in ["carol:apple", "alice:apple"] {
                    let forged = try await opened.received("/", ["-u", user, "-H", "\(spelling): root"])
                    let values = forged.values(name.lowercased())
                    #expect(!values.contains { $0.contains("root") }, "\(door) \(spelling) \(forged)")
                }
            }
        }
        // Who sends the fields of proxies is who they are all the same, and from where they are.
        let forwarding = [
            "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Uri: /", "X-Forwarded-Method: GET", "X-Original-URI: /",
            "X-Original-Method: GET", "X-Original-URL: http://x/", "Forwarded: for=6.6.6.6", "X-Forwarded-Host: x",
        ]
        let fields = forwarding.flatMap { ["-H", $0] }
        #expect(
            try await opened.status("/admin/", "-u", "carol:apple", "-H", forwarding[1], "-H", forwarding[3]) == "403")
        let answer = try await opened.curl("/", ["-u", "carol:apple"] + fields)
        #expect(answer.status == "200", "\(door) \(answer)")
        #expect(!(try opened.latchkey.log.contains("6.6.6.6")), "\(door)")
        for field in ["X_Forwarded_For: 6.6.6.6", "x_original_uri: /", "X_Forwarded_Uri: /"] {
            let status = try await opened.status("/admin/", "-u", "carol:apple", "-H", field)
            #expect(["400", "403"].contains(status), "\(door) \(field) \(status)")
        }
        let twice = try await opened.status(
            "/", "-H", "Authorization: Basic YWxpY2U6YXBwbGU=", "-H", "Authorization: Basic eDp4")
        #expect(["400", "401"].contains(twice), "\(door) \(twice)")
        #expect(!(try opened.latchkey.log.contains("apple")))
    }

    @Test("No spelling of a path opens more than the plain one does", arguments: Door.allCases)
    func paths(door: Door) async throws {
        let opened = try await OpenedDoor(door)
        let spellings = [
            "//admin/", "/./admin/", "/x/../admin/", "/%61dmin/", "/x/%2e%2e/admin/", "/admin%2f", "/%2fadmin/",
            "/x/..%2fadmin/",
            "/admin/./x", "/admin/../admin/", "/admin//", "/%2e/admin/", "/admin%2F..%2Fadmin/", "/x/..;/admin/",
            "/\\admin/",
            "/x/..%5cadmin/", "/admin?/../", "/admin%00/", "/ADMIN/", "/x%2f..%2fadmin/", "/%5cadmin/", "/admin%3f",
        ]
        for path in spellings {
            let answer = try await opened.curl(path, ["-u", "carol:apple"])
            guard answer.status == "200" else { continue }
            // What came through is, cleaned as an application may do it, no path below /admin.
            let object = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any]
            let target = try #require(object?["target"] as? String)
            let path = target.split(separator: "?").first.map(String.init) ?? ""
            let decoded = path.removingPercentEncoding ?? path
            let cleaned = NSString(string: decoded).standardizingPath
            #expect(cleaned.split(separator: "/").first != "admin", "\(door) \(path) came as \(target)")
        }
    }

    @Test("Bodies, kept connections, WebSockets, and a restart of Latchkey in between", arguments: Door.allCases)
    func traffic(door: Door) async throws {
        let opened = try await OpenedDoor(door)
        let body = String(repeating: "x", count: 100_000)
        for more in [[], ["-H", "Transfer-Encoding: chunked"]] {
            let posted = try await opened.received("/", ["-u", "alice:apple", "-d", body] + more)
            #expect(posted.method == "POST" && posted.bodyLength == body.count, "\(door)")
        }
        #expect(try await opened.status("/", "-d", body, "-u", "carol:wrong") == "401")
        // A body that never comes delays nobody's refusal. Of a shorter one Go's own server waits for the rest before it answers.
        let script = """
            exec 3<>/dev/tcp/127.0.0.1/\(opened.port)
            printf 'POST / HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 300000\\r\\n\\r\\n' >&3
            timeout 5 head -1 <&3
            """
        let early = try await Program("bash", package: "bash").run(["-c", script])
        // Apache reads all of it before it answers, as its page says.
        #expect(early.standardOutput.contains(" 401 ") != (door == .apache), "\(door) \(early)")

        let upgrade = """
            exec 3<>/dev/tcp/127.0.0.1/\(opened.port)
            printf 'GET /socket HTTP/1.1\\r\\nHost: x\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n%s\\r\\n' "$1" >&3
            read -r -t 15 line <&3 && echo "$line"
            case "$line" in *101*) while read -r -t 15 line <&3 && [ "$line" != $'\\r' ]; do :; done
                printf 'hello\\n' >&3; read -r -t 15 line <&3 && echo "$line" ;; esac
            """
        let authorization = "Authorization: Basic YWxpY2U6YXBwbGU=\r\n"
        let opened1 = try await Program("bash", package: "bash").run(["-c", upgrade, "x", authorization])
        #expect(
            opened1.standardOutput.contains(" 101 ") && opened1.standardOutput.contains("hello"), "\(door) \(opened1)")
        let closed = try await Program("bash", package: "bash").run(["-c", upgrade, "x", ""])
        #expect(closed.standardOutput.contains(" 401 "), "\(door) \(closed)")

        // A thousand requests on a few connections; curl counts how many it needed.
        let file = try TemporaryFolder()
        let config = (0..<1000).map { _ in "url = \"\(opened.url)/\"\noutput = /dev/null\n" }.joined()
        let many = try await Program("curl", package: "curl").run(
            [
                "-s", "--parallel", "--parallel-max", "8", "-u", "alice:apple", "-w", "%{http_code} %{num_connects}\n",
                "-K", try file.write("urls", config),
            ])
        let lines = many.standardOutput.split(separator: "\n")
        #expect(lines.count == 1000 && lines.allSatisfy { $0.hasPrefix("200") }, "\(door) \(Set(lines))")
        #expect(lines.filter { $0.hasSuffix(" 1") }.count < 30, "\(door)")

        await opened.latchkey.stop()
        let again = try await Latchkey(restarting: opened.latchkey)
        try await eventually("\(door) asks the new one") {
            try await opened.status("/", "-u", "alice:apple") == "200"
        }
        for _ in 0..<20 { #expect(try await opened.status("/", "-u", "alice:apple") == "200", "\(door)") }
        await again.stop()
    }
}
