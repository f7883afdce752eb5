import Credentials
import Foundation
import HTTPTypes
import Sessions
import TestSupport
import Testing

@testable import AuthService

@Suite("The ways to the login page, and on from it")
struct LoginPageTests {
    private let browser: HTTPFields

    init() throws { browser = [.accept: "text/html", try #require(.init("Host")): "auth.example.org"] }

    private func service() throws -> Service {
        try Service(
            returnOrigins: ["https://app.example.org", "http://localhost:3000/"],
            externalURL: "https://auth.example.org")
    }

    /// Where the page's form would lead to.
    private func target(_ response: AuthResponse) throws -> String {
        let text = try #require(response.text.firstMatch(of: #/name="rd" value="([^"]*)"/#)).output.1
        return String(text).replacing("&amp;", with: "&").replacing("&quot;", with: "\"").replacing("&#39;", with: "'")
    }

    @Test(
        "Behind to= stands an address as a client has sent it, whatever is in it, and nothing of it says anything to us",
        arguments: [
            "https://app.example.org/report?x=1&y=2", "https://app.example.org/a%26b%3Fc%23d?x=1&y=2",
            "https://app.example.org/my%20file",
            "https://app.example.org/caf%C3%A9", "https://app.example.org/?again=1&provider=corp&rd=/x&to=/y",
            "https://app.example.org/?",
            "http://localhost:3000/a;b=c,d?e=f=g&&h", "https://app.example.org/x?u=https://b/?c&d",
            "/auth/people?user=a%20b&x=y",
        ])
    func wholeAddress(address: String) async throws {
        let service = try service()
        for query in ["to=\(address)", "again=1&to=\(address)", "led=1&to=\(address)"] {
            let page = await service.ask(.get, "/auth/login?\(query)", headers: browser)
            #expect(page.status == .ok, "\(query)")
            #expect(try target(page) == address, "\(query)")
            #expect(page.text.contains("fresh login") == query.hasPrefix("again"), "\(query)")
        }
        let jar = try await service.logIn()
        let on = await service.ask(.get, "/auth/login?to=\(address)", headers: [.cookie: jar[.cookie] ?? ""])
        #expect(on.status == .seeOther && on.headers[.location] == address)
    }

    @Test(
        "An address elsewhere, or two at once, lead to no place but the account page",
        arguments: [
            "to=https://evil.example/", "to=//evil.example", "to=https%3A%2F%2Fapp.example.org%2F",
            "to=https://app.example.org@evil.example/",
            "rd=/x&to=https://app.example.org/", "to=", "to", "to=https://app.example.org/%0d%0aSet-Cookie:%20a=b",
            "to=https://app.example.org/\u{301}", "to=javascript:alert(1)",
        ])
    func elsewhere(query: String) async throws {
        let service = try service()
        let page = await service.ask(.get, "/auth/login?\(query)", headers: browser)
        #expect(page.status == .ok)
        #expect(try target(page) == "", "\(query)")
        let jar = try await service.logIn()
        var fields = browser
        fields[.cookie] = jar[.cookie]
        #expect(await service.ask(.get, "/auth/login?\(query)", headers: fields).headers[.location] == nil, "\(query)")
    }

    @Test("Whoever is logged in goes on at once, unless they must show anew who they are, or want no place")
    func live() async throws {
        let service = try service()
        var fields = browser
        fields[.cookie] = try await service.logIn()[.cookie]
        for rd in ["/auth/", "https://app.example.org/x"] {
            let query = FormText.encode([("rd", rd)])
            let on = await service.ask(.get, "/auth/login?\(query)", headers: fields)
            #expect(on.status == .seeOther && on.headers[.location] == rd && on.headers[.cacheControl] == "no-store")
            let again = await service.ask(.get, "/auth/login?again=1&\(query)", headers: fields)
            #expect(again.status == .ok && again.text.contains("This takes a fresh login."))
        }
        #expect(await service.ask(.get, "/auth/login", headers: fields).status == .ok)
        #expect(await service.ask(.get, "/auth/login?rd=https://evil.example", headers: fields).status == .ok)
        #expect(await service.ask(.get, "/auth/login?rd=/auth/", headers: browser).status == .ok)
    }

    @Test(
        "By another name of the server a browser is led to the one that the operator says, once, with all that it wants"
    )
    func otherName() async throws {
        let service = try service()
        func ask(_ target: String, host: String, accept: String = "text/html") async throws -> AuthResponse {
            await service.ask(.get, target, headers: [.accept: accept, try #require(.init("Host")): host])
        }
        for (target, location) in [
            ("/auth/login", "/auth/login?led=1"), ("/auth/login?rd=%2Fauth%2F", "/auth/login?led=1&rd=%2Fauth%2F"),
            ("/auth/login?to=https://app.example.org/x?a=b&c", "/auth/login?led=1&to=https://app.example.org/x?a=b&c"),
            ("/auth/login?provider=corp&rd=/", "/auth/login?led=1&provider=corp&rd=/"),
            ("/auth/login?rd=é", "/auth/login?led=1&rd=%C3%A9"),
        ] {
            for host in ["latchkey.internal:8080", "10.0.0.1", "auth.example.org:8443"] {
                let led = try await ask(target, host: host)
                #expect(
                    led.status == .seeOther && led.headers[.location] == "https://auth.example.org\(location)",
                    "\(host)")
            }
        }
        #expect(
            try await ask("/auth/login?led=1", host: "latchkey:8080").status == .ok, "a proxy may hide it: no circle")
        #expect(
            try await ask("/auth/login?rd=/x&led=1", host: "latchkey:8080").status == .seeOther,
            "only we say so, in front")
        for host in ["auth.example.org", "AUTH.example.org:443", "auth.example.org."] {
            #expect(try await ask("/auth/login", host: host).status == .ok, "\(host)")
        }
        #expect(
            try await ask("/auth/login", host: "latchkey:8080", accept: "*/*").status == .ok,
            "a program asks where it asks")
    }

    @Test("So it is with the account page and the people's page, whose forms would be of another server")
    func otherNameOfPages() async throws {
        let service = try service()
        let admin = try await service.logIn("root")
        for (target, location) in [
            ("/auth/", "/auth/?led=1"), ("/auth/people", "/auth/people?led=1"),
            ("/auth/people?user=bob", "/auth/people?user=bob&led=1"),
        ] {
            func ask(_ host: String, _ target: String, accept: String = "text/html") async throws -> AuthResponse {
                var fields = admin
                fields[.accept] = accept
                fields[try #require(.init("Host"))] = host
                return await service.ask(.get, target, headers: fields)
            }
            let led = try await ask("latchkey.internal:8080", target)
            #expect(led.status == .seeOther && led.headers[.location] == "https://auth.example.org\(location)")
            #expect(try await ask("latchkey.internal:8080", location).status == .ok, "no circle")
            #expect(try await ask("auth.example.org", target).status == .ok)
            #expect(try await ask("latchkey.internal:8080", target, accept: "*/*").status == .ok)
        }
    }

    @Test(
        "The name that an administrator looks for outlives the login, and the account page is there without its slash")
    func names() async throws {
        let service = try service()
        let people = await service.ask(.get, "/auth/people?user=bob%20b&done=%26", headers: browser)
        let location = try #require(people.headers[.location])
        #expect(
            people.status == .seeOther
                && location == "/auth/login?rd=%2Fauth%2Fpeople%3Fuser%3Dbob%2520b%26done%3D%2526")
        #expect(try target(await service.ask(.get, location, headers: browser)) == "/auth/people?user=bob%20b&done=%26")
        #expect(await service.ask(.get, "/auth", headers: browser).headers[.location] == "/auth/login?rd=%2Fauth%2F")
        let slash = await service.ask(.get, "/auth", headers: try await service.logIn())
        #expect(slash.status == .seeOther && slash.headers[.location] == "/auth/")
    }

    @Test("Where nobody can log in with a password no page asks for one")
    func noPasswords() async throws {
        let service = try Service(takesPasswords: false)
        let page = await service.ask(.get, "/auth/login", headers: browser)
        #expect(page.status == .ok && !page.text.contains("type=\"password\"") && !page.text.contains("<form"))
        #expect(try self.service().takesPassword(await self.service().ask(.get, "/auth/login", headers: browser)))
    }

    @Test("A user name in a command is one word to a shell, whatever is in it")
    func shell() async throws {
        for (name, word) in [
            ("alice", "alice"), ("alice@example.org", "alice@example.org"), ("a b", "'a b'"),
            ("a;rm -rf ~", "'a;rm -rf ~'"),
            ("o'neil", #"'o'\''neil'"#), ("a'\u{301}b", "'a'\\''\u{301}b'"), ("$(id)", "'$(id)'"), ("zoë", "'zoë'"),
            ("", "''"), ("a\nb", "'a\nb'"), ("~", "'~'"), ("-x", "-x"),
        ] {
            #expect(ShellText.quoted(name).utf8.elementsEqual(word.utf8), "\(name)")
            guard !name.isEmpty else { continue }
            let output = try await Program("sh", package: "dash").run(["-c", "printf %s \(ShellText.quoted(name))"])
            #expect(output.standardOutput.utf8.elementsEqual(name.utf8), "\(name)")
        }
    }
}

extension Service {
    fileprivate func takesPassword(_ response: AuthResponse) -> Bool { response.text.contains("type=\"password\"") }
}
