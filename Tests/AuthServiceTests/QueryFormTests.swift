import AccessControl
import Credentials
import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import AuthService

@Suite("Queries mean one thing")
struct QueryFormTests {
    private static let root = Service.basic("root", "root")
    private static let keys = "/zot/auth/apikey"

    /// Who looks at the query of a row, where it is not the table: a new one is a decision, and stands here.
    private static let others: Set<String> = ["ping", "verify", "authorize", "token", "tokenForForm", "endLogin"]

    /// A value that a parameter may have.
    private func value(_ parameter: QueryParameter) -> String {
        switch parameter.name {
        case "id", "last": "00000000-0000-4000-8000-000000000000"
        case "n": "1"
        case "state": "active"
        case "all": "true"
        case "createdAfter", "lastUsedBefore": "2030-01-01T00:00:00Z"
        default: "x"
        }
    }

    @Test(
        "At every route an unknown parameter is 400 and named, and so is one that stands twice; without a credential too"
    )
    func walk() async throws {
        let service = try Service()
        let plain = AuthService(resolver: CredentialResolver(entries: []), ring: nil).forOperations
        var (walked, skipped): (Int, Set<String>) = (0, [])
        for row in RouteTable.shared.rows {
            let form = row.operation.query
            guard form.judge == .table else {
                skipped.insert(row.operation.name)
                continue
            }
            for path in row.paths {
                for method in row.methods ?? [.get, .post] {
                    func ask(_ query: String) async -> AuthResponse {
                        let target = "\(path)?\(query)"
                        let request = AuthRequest(method: method, target: target, headers: [:], peer: nil)
                        // A row whose parts the service does not have is not there: the check itself is asked.
                        guard service.service.isAnswered(row) else {
                            let problem = service.service.problem(withQueryOf: request, row)
                            return problem.map { service.service.refusal(of: $0, row, request) }
                                ?? AuthResponse(.notFound)
                        }
                        // By both ways: the one that never waits, and the long one.
                        let long = await service.ask(method, target)
                        if let known = service.service.answerIfKnown(request) {
                            #expect(known.status == long.status, "\(method) \(target)")
                        }
                        return long
                    }
                    func isRefused(_ response: AuthResponse, _ name: String) -> Bool {
                        response.status == .badRequest && response.text.contains("'\(name)'")
                    }
                    for query in ["uesr=alice", "User=alice", "all=true&uesr=x", "uesr", "=x", "%75esr=x"] {
                        let name = query == "=x" ? "" : "uesr"
                        let response = await ask(query)
                        #expect(
                            query == "User=alice" || query == "all=true&uesr=x"
                                ? response.status == .badRequest : isRefused(response, name),
                            "\(method) \(path) \(query): \(response.text)")
                        walked += 1
                    }
                    for parameter in form.parameters {
                        let pair = "\(parameter.name)=\(value(parameter))"
                        let request = AuthRequest(
                            method: method, target: "\(path)?\(pair)", headers: [:], peer: nil)
                        let once = service.service.problem(withQueryOf: request, row)
                        #expect(once == nil, "\(method) \(path) \(pair)")
                        guard !parameter.takesRest, !parameter.mayRepeat else { continue }
                        #expect(isRefused(await ask("\(pair)&\(pair)"), parameter.name), "\(method) \(path) \(pair)")
                        walked += 1
                    }
                    #expect(await ask("%zz=1").status == .badRequest, "\(method) \(path)")
                }
            }
        }
        #expect(skipped == Self.others && walked > 300)
        // It is the server's answer, and not only the check's: on both ways, and at the operators' own listener.
        for path in ["/healthz?x", "/metrics?x=1", "/readyz?verbose"] {
            let request = AuthRequest(method: .get, target: path, headers: [:], peer: nil)
            #expect(plain.answerIfKnown(request)?.status == .badRequest, "\(path)")
            #expect(await plain.answer(request) { _ in [] }.status == .badRequest, "\(path)")
        }
    }

    @Test("A misspelt parameter, or one of the list's, ends nobody's keys, and makes none of the caller's own")
    func misspelt() async throws {
        let service = try Service()
        let (key, id) = try await service.createKey()
        let alice = Service.basic("alice", "pass:word")
        for query in [
            "uesr=bob&all=true", "?User=bob&all=true", "all=true&label=x&state=expired&n=1",
            "user=bob&user=carol&all=true",
            "all=true&all=true", "id=\(id)&id=\(id)", "user=&all=true", "id=\(id)&force", "all=true;user=bob",
        ] {
            for who in [alice, Self.root] {
                let response = await service.ask(.delete, "\(Self.keys)?\(query)", authorization: who)
                #expect(response.status == .badRequest, "\(query): \(response.text)")
            }
        }
        #expect(
            await service.ask(
                .post, "\(Self.keys)?uesr=ci", authorization: Self.root, body: #"{"expirationDate":"never"}"#
            )
            .status == .badRequest)
        #expect(await service.ask(.delete, "/auth/sessions?n=1&all=true", authorization: alice).status == .badRequest)
        #expect(await service.ask(.get, "/v2/", authorization: Service.basic("alice", key)).status == .ok)
        #expect(await service.ask(.get, "/v2/_zot/ext/mgmt?x").status == .badRequest)
        #expect(await service.ask(.get, "/v2/_zot/ext/mgmt").status == .ok)
        #expect(
            await service.ask(.get, "/v2/?ns=docker.io", authorization: alice).status == .ok, "OCI's ns is no concern")
        #expect(service.audited.contains { "\($0.action)".contains("uesr") }, "the log says which it was")
    }

    @Test("A plus sign is a space, and %2B a plus sign, wherever a query names somebody or something")
    func plus() async throws {
        let service = try Service()
        let made = await service.ask(
            .post, "\(Self.keys)?user=ci+bot", authorization: Self.root, body: #"{"expirationDate":"never"}"#)
        #expect(try made.status == .created && made.object()["serviceAccount"] as? String == "ci bot")
        let plain = await service.ask(
            .post, "\(Self.keys)?user=ci%2Bbot", authorization: Self.root, body: #"{"expirationDate":"never"}"#)
        #expect(try plain.object()["serviceAccount"] as? String == "ci+bot")
        for (query, count) in [("user=ci+bot", 1), ("user=ci%20bot", 1), ("user=ci%2Bbot", 1), ("user=ci++bot", 0)] {
            let list = try await service.ask(.get, "\(Self.keys)?\(query)", authorization: Self.root).object()
            #expect((list["apiKeys"] as? [Any])?.count == count, "\(query)")
        }
        _ = try await service.createKey(#"{"label": "my laptop"}"#)
        let alice = Service.basic("alice", "pass:word")
        let labelled = try await service.ask(.get, "\(Self.keys)?label=my+laptop", authorization: alice).object()
        #expect((labelled["apiKeys"] as? [Any])?.count == 1)
        let time = await service.ask(.get, "\(Self.keys)?createdAfter=2020-01-01T00:00:00+02:00", authorization: alice)
        #expect(time.status == .badRequest && time.text.contains("%2B"), "as in zot")
        let admin = try await service.logIn("root")
        let page = await service.ask(.get, "/auth/people?user=ci+bot", headers: admin)
        #expect(page.status == .ok && page.text.contains("ci bot") && !page.text.contains("There is no API key."))
        let ended = await service.ask(.delete, "\(Self.keys)?user=ci+bot&all=true", authorization: Self.root)
        #expect(try (ended.object()["revoked"] as? [Any])?.count == 1)
        for path in ["\(Self.keys)?user=Nobody+Ever&all=true", "/auth/sessions?user=Nobody+Ever&all=true"] {
            let nobody = await service.ask(.delete, path, authorization: Self.root)
            #expect(nobody.status == .notFound && nobody.text.contains("Nobody Ever"), "\(path)")
        }
        let flushed = service.service.forOperations
        let request = AuthRequest(method: .post, target: "/flush?user=Jane+Doe", headers: [:], peer: nil)
        #expect(await flushed.answer(request) { _ in [] }.status == .noContent)
        #expect(service.audited.contains { $0.userName == "Jane Doe" })
    }

    @Test("What a proxy demands is read so too; the address that its client asked for stays as it is")
    func demands() throws {
        #expect(try VerifyQuery("group=Domain+Users&group=c%2B%2B").groups == ["Domain Users", "c++"])
        #expect(try VerifyQuery("group=a&u=/x?y=a+b&group=c%2B").address == "/x?y=a+b&group=c%2B")
        #expect(try VerifyQuery("group=a&u=/x").groups == ["a"])
        #expect(try VerifyQuery("scope=team/app:read").rights.count == 1)
        for query in [
            "registry&registry", "login&login", "repository=a+b&action=read", "scope=a+b:read", "group=", "group=a%2",
            "group=a%ff", "Group=a", "group", "group=a&x", "group=a&=", "u%3D=x", "%75=/x", "registry=1", "host=",
        ] {
            #expect(throws: RegistryRequest.Problem.self, "\(query)") { try VerifyQuery(query[...]) }
        }
        // A mark that combines with the equals sign makes no other sign of it.
        #expect(try VerifyQuery("group=\u{301}a").groups == ["\u{301}a"])
    }

    @Test(
        "Where the login page leads is an address: a space in it is written %20, however it came, and to= is taken as it stands"
    )
    func targets() {
        func target(_ query: String, _ path: String = "/auth/login") -> String? {
            LoginQuery(AuthRequest(method: .get, target: "\(path)?\(query)", headers: [:], peer: nil)).target
        }
        #expect(target("rd=/find?q=a+b") == "/find?q=a%20b" && target("rd=/find?q=a%20b") == "/find?q=a%20b")
        #expect(target("rd=/find%3Fq%3Da%2Bb") == "/find?q=a+b")
        #expect(
            target("provider=x&to=https://app/find?q=a+b&c=%2B&to=y&rd=z") == "https://app/find?q=a+b&c=%2B&to=y&rd=z")
        #expect(target("callback_ui=https%3A%2F%2Fui/home&provider=corp", "/zot/auth/login") == "https://ui/home")
        #expect(target("to=/x", "/zot/auth/login") == nil && target("rd=/a&rd=/b") == nil && target("rd=/a&x=1") == nil)
    }

    @Test("An address of which a part was not encoded is not cut off silently: the part is named")
    func cutTargets() async throws {
        let service = try Service()
        let program = await service.ask(.get, "/auth/login?rd=/find?q=a&page=2")
        #expect(program.status == .badRequest && program.text.contains("'page'"))
        for query in ["To=https://app.example.org/", "rd=/a&rd=/b", "provider=a&provider=b"] {
            let response = await service.ask(.get, "/auth/login?\(query)")
            #expect(response.status == .badRequest && response.headers[.location] == nil, "\(query)")
        }
        let person = await service.ask(.get, "/auth/login?rd=/find?q=a&page=2", headers: [.accept: "text/html"])
        #expect(person.status == .badRequest && person.text.contains("behind its question mark"))
        #expect(person.headers[.contentSecurityPolicy] != nil)
    }

    @Test("The page behind a page of a list has an address that nothing of the request can end")
    func links() async throws {
        let service = try Service()
        for label in ["a>;\"b", "a>;\"b", "c"] {
            let body = try JSONEncoder().encode(["label": label])
            _ = try await service.createKey(String(decoding: body, as: UTF8.self))
        }
        let alice = Service.basic("alice", "pass:word")
        for query in ["n=1&label=a>;\"b", "n=1&label=a%3E%3B%22b", "n=1&state=active&state=expired"] {
            let response = await service.ask(.get, "\(Self.keys)?\(query)", authorization: alice)
            let link = try #require(response.headers[FieldNames.link])
            let match = try #require(link.wholeMatch(of: /<([A-Za-z0-9\/?=&%._~-]+)>; rel="next"/), "\(link)")
            let next = await service.ask(.get, String(match.output.1), authorization: alice)
            #expect(try (next.object()["apiKeys"] as? [Any])?.count == 1, "\(link)")
        }
    }

    @Test("Whatever is written as a form is read as it was, and whatever else comes is read or refused by name")
    func property() throws {
        var generator = Seeded.announced()
        let pieces = [
            "a", "id", "é", " ", "+", "%", "&", "=", "%2", "%41", "%ff", "\u{301}", "☃", "\u{0}", "u", "#", ";",
        ]
        func text() -> String {
            (0..<Int.random(in: 0..<6, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }
                .joined()
        }
        let form = QueryForm(
            QueryParameter("id"), QueryParameter("a", mayRepeat: true), QueryParameter("u", takesRest: true))
        for _ in 0..<3000 {
            let values = (0..<Int.random(in: 0..<4, using: &generator)).map { _ in text() }
            let written = FormText.encode(values.map { ("a", $0) })
            #expect(try form.read(written[...]).map(\.value).elementsEqual(values) { $0.utf8.elementsEqual($1.utf8) })
            let query = (0..<Int.random(in: 0..<6, using: &generator)).map { _ in text() }.joined(separator: "&")
            do throws(QueryForm.Problem) {
                let read = try form.read(query[...])
                #expect(read.allSatisfy { ["id", "a", "u"].contains($0.name) } && read.count { $0.name == "id" } < 2)
            } catch {
                #expect(error.description.utf8.count < 300)
            }
        }
    }
}
