import Foundation
import TestSupport
import Testing

/// What a user of docs/logins.md has: the page of a door, with its change for browsers.
@Suite("Doors that lead browsers to the login page", .serialized)
struct BrowserDoorTests {
    private static let doors = [Door.nginx, .caddy, .traefik, .envoy]

    /// The session of somebody who has logged in on the page.
    private func session(_ opened: OpenedDoor) async throws -> String {
        let login = try await opened.latchkey.curl(
            "/auth/login", "-D", "-", "-o", "/dev/null", "-H", "Origin: \(opened.latchkey.url)", "-d",
            "username=alice&password=apple")
        let cookie = try #require(login.body.firstMatch(of: #/(?i)set-cookie: (latchkey=[^;]+)/#)).output.1
        return String(cookie)
    }

    private func fields(_ head: String, _ name: String) -> [String] {
        head.split(separator: "\n").compactMap { line in
            let pair = line.split(separator: ":", maxSplits: 1)
            return pair.count == 2 && pair[0].lowercased() == name ? pair[1].trimmingCharacters(in: .whitespaces) : nil
        }
    }

    @Test(
        "A browser comes to the login page by each door, and back to the very address, with nothing of it taken for a header field",
        arguments: doors)
    func browsers(door: Door) async throws {
        let opened = try await OpenedDoor(door, forBrowsers: true)
        let cookie = try await session(opened)
        let navigates = ["-H", "Accept: text/html,*/*;q=0.8", "-H", "Sec-Fetch-Mode: navigate"]
        for path in [
            "/", "/report?x=1&y=2", "/a%26b?x=1&y=2", "/my%20file", "/caf%C3%A9?q=%F0%9F%97%9D",
            "/?again=1&provider=github&to=/x&rd=/y&user=z",
            "/x?u=https://evil.example/&a=b,c%2F..%2F", "/a%3Fc%23d?x=1",
            "/%0d%0aSet-Cookie:%20__Secure-latchkey=x", "/%0aX-Injected:%201", "/x%0d%0a%0d%0a%3Cscript%3E",
            "/?%0d%0aSet-Cookie:%20a=b",
            "/?%0aX-Injected:%201%0d%0a%0d%0a<script>",
            "/?" + String(repeating: "a=%20&", count: 200),
        ] {
            let answer = try await opened.curl(path, navigates)
            // Traefik takes no encoded signs that an application may read as a path, as its page has it.
            if door == .traefik, path.contains("%3F") || path.contains("%0") && !path.contains("?"),
                answer.status == "400"
            {
                continue
            }
            #expect(answer.status == "302", "\(door) \(path): \(answer)")
            let locations = fields(answer.head, "location")
            let location = try #require(locations.first, "\(door) \(path): \(answer)")
            #expect(
                locations.count == 1 && location.hasPrefix("\(opened.latchkey.url)/auth/login"),
                "\(door) \(path): \(location)")
            for name in ["set-cookie", "x-injected"] {
                #expect(fields(answer.head, name).isEmpty, "\(door) \(path): \(answer)")
            }
            #expect(!answer.body.contains("<script>"), "\(door) \(path): \(answer)")
            // Whoever has logged in meanwhile goes on from there.
            let on = try await opened.latchkey.curl(
                String(location.dropFirst(opened.latchkey.url.count)), "-D", "-", "-b", cookie, "-g", "--path-as-is")
            let targets = fields(on.body.replacing("\r\n", with: "\n"), "location")
            // A path with an end of line in it is no place to go to; in a query it is what somebody has written in a form.
            #expect(
                targets == (path.prefix { $0 != "?" }.contains("%0") ? [] : [opened.url + path]),
                "\(door) \(path): \(location) leads to \(targets)")
        }
    }

    @Test(
        "What is no browser's gets 401 with its challenge, once; a session is let in, and told to the application",
        arguments: doors)
    func programs(door: Door) async throws {
        let opened = try await OpenedDoor(door, forBrowsers: true)
        for (fields, status) in [
            ([], "401"), (["Accept: application/json"], "401"), (["Accept: text/html", "Sec-Fetch-Mode: cors"], "401"),
            (["Accept: text/html", "Sec-Fetch-Mode: same-origin"], "401"),
            (["Accept: text/html", "X-Requested-With: XMLHttpRequest"], "401"),
            (["Accept: text/html"], "302"),
            (["Accept: */*", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"], "302"),
            (["Accept: text/html", "Cookie: latchkey=garbage"], "302"),
        ] as [([String], String)] {
            let answer = try await opened.curl("/x?y=z", fields.flatMap { ["-H", $0] })
            #expect(answer.status == status, "\(door) \(fields): \(answer)")
            #expect(
                status == "302" || self.fields(answer.head, "www-authenticate").count == 1,
                "\(door) \(fields): \(answer)")
        }
        let cookie = try await session(opened)
        for fields in [["Cookie: \(cookie)"], ["Cookie: latchkey=made-up; \(cookie)", "Accept: text/html"]] {
            let got = try await opened.received("/x?y=z", fields.flatMap { ["-H", $0] })
            #expect(got.values("remote-user") == ["alice"] && got.target == "/x?y=z", "\(door) \(got)")
        }
        #expect(try await opened.status("/", "-u", "alice:apple") == "200")
        #expect(try await opened.status("/admin/", "-H", "Cookie: \(cookie)") == "200", "\(door)")
    }
}
