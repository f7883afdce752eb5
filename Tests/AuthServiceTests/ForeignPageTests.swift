import APIKeys
import Credentials
import Foundation
import HTTPTypes
import Sessions
import TestSupport
import Testing

@testable import AuthService

@Suite("Pages of other sites")
struct ForeignPageTests {
    /// What a browser says of a page that asks.
    private static let foreign: [[String: String]] = [
        ["Origin": "https://evil.example"], ["Origin": "null"],
        ["Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"],
        ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"], ["Origin": "http://auth.example.org"],
        ["Origin": "https://auth.example.org:8443"], ["Origin": "https://auth.example.org.evil.example"],
    ]
    private static let own: [[String: String]] = [
        [:], ["Origin": "https://auth.example.org"],
        ["Origin": "https://auth.example.org", "Sec-Fetch-Site": "same-origin"],
        ["Origin": "HTTPS://AUTH.example.org:443"], ["Sec-Fetch-Site": "none"],
        ["Origin": "https://ui.example.org", "Sec-Fetch-Site": "same-site"],
    ]

    private func service() throws -> Service {
        try Service(allowedOrigins: ["https://ui.example.org:443/"], externalURL: "https://auth.example.org:443/")
    }

    private func fields(_ pairs: [String: String]) throws -> HTTPFields {
        var fields: HTTPFields = [try #require(.init("Host")): "auth.example.org"]
        for (name, value) in pairs { fields[try #require(.init(name))] = value }
        return fields
    }

    @Test(
        "What changes something is refused to them in each row of the table, whatever credential the browser sends by itself"
    )
    func walk() async throws {
        let service = try service()
        let (key, _) = try await service.createKey()
        var walked = 0
        for row in RouteTable.shared.rows where !row.needsLogins && !row.needsTokens && !row.isForwardAuth {
            if row.place == .operationsOnly { continue }
            let named = row.operation.query.parameters.contains { $0.name == "user" } ? "?user=svc" : ""
            for path in row.paths {
                for method in row.methods ?? [] where method != .get && method != .head {
                    for pairs in Self.foreign {
                        for authorization in [
                            nil, Service.basic("alice", "pass:word"), Service.basic("root", "root"), "Bearer \(key)",
                        ] {
                            var fields = try fields(pairs)
                            fields[.contentType] = "text/plain"
                            let response = await service.ask(
                                method, path + named, authorization: authorization, headers: fields,
                                body: #"{"expirationDate":"never"}"#)
                            // A form without a session is led to the login page, and changes nothing either.
                            let isLed = row.demand.isForPages && response.status == .seeOther
                            #expect(
                                response.status == .forbidden || isLed, "\(method) \(path) \(pairs): \(response.status)"
                            )
                            #expect(response.headers[.wwwAuthenticate] == nil || !isLed)
                            walked += 1
                        }
                    }
                }
            }
        }
        #expect(walked > 200)
        #expect(try await service.service.ring?.records(.named("alice")).count == 1)
    }

    @Test(
        "Programs, pages of ours and of the origins that are named change what they may, whoever writes the default port"
    )
    func own() async throws {
        let service = try service()
        for pairs in Self.own {
            let made = await service.ask(
                .post, "/zot/auth/apikey", authorization: Service.basic("alice", "pass:word"),
                headers: try fields(pairs), body: "{}")
            #expect(made.status == .created, "\(pairs)")
            let login = await service.ask(
                .post, "/auth/login", headers: try fields(pairs), body: "username=alice&password=pass%3Aword")
            #expect(login.status == .seeOther, "\(pairs)")
        }
        #expect(
            await service.ask(
                .get, "/zot/auth/apikey", authorization: Service.basic("alice", "pass:word"),
                headers: try fields(["Origin": "https://evil.example"])
            ).status == .ok, "looking changes nothing, and the page can't read it")
        let proxied = await service.ask(
            .post, "/auth/verify", authorization: Service.basic("alice", "pass:word"),
            headers: try fields(["Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"]))
        #expect(proxied.status == .ok, "that is between the browser and the application")
    }

    @Test("A client's certificate, which a browser sends by itself too, helps no other page", arguments: [true, false])
    func certificate(isForeign: Bool) async throws {
        let service = try service()
        var request = AuthRequest(
            method: .delete, target: "/auth/sessions?all=true",
            headers: try fields(isForeign ? ["Origin": "https://evil.example"] : [:]),
            peer: IPAddress("192.0.2.1"))
        request.certificate = .user("alice")
        let response = await service.service.answer(request) { _ in [] }
        #expect(response.status == (isForeign ? .forbidden : .ok))
    }

    @Test("A page of any site flushes nothing at the operators' own listener")
    func operations() async throws {
        let operations = try service().service.forOperations
        for (pairs, status) in [([:], 204), (["Origin": "https://evil.example"], 403)] as [([String: String], Int)] {
            let request = AuthRequest(method: .post, target: "/flush?user=a", headers: try fields(pairs), peer: nil)
            #expect(await operations.answer(request) { _ in [] }.status.code == status)
        }
    }

    @Test(
        "Without an externalURL a page is this server's by the host that was asked for, its default port written or not"
    )
    func hosts() async throws {
        let service = try Service(trustedProxies: ["192.0.2.7"])
        func status(_ host: String, _ origin: String, _ more: [String: String] = [:], peer: String = "192.0.2.1")
            async throws -> Int
        {
            var fields: HTTPFields = [try #require(.init("Host")): host, .origin: origin]
            for (name, value) in more { fields[try #require(.init(name))] = value }
            return await service.ask(
                .post, "/zot/auth/apikey", authorization: Service.basic("alice", "pass:word"), headers: fields,
                body: "{}", peer: peer
            ).status.code
        }
        for (host, origin, expected) in [
            ("auth.example.org", "https://auth.example.org", 201),
            ("auth.example.org:443", "https://auth.example.org", 201),
            ("AUTH.example.org:80", "http://auth.example.org", 201),
            ("auth.example.org:443", "http://auth.example.org", 403),
            ("auth.example.org:80", "https://auth.example.org", 403),
            ("auth.example.org:8443", "https://auth.example.org:8443", 201),
            ("[::1]:8080", "http://[::1]:8080", 201), ("[0:0::1]:80", "http://[::1]", 201),
            ("auth.example.org.", "https://auth.example.org", 201),
            ("evil.example@auth.example.org", "https://auth.example.org", 403), ("", "https://auth.example.org", 403),
        ] {
            #expect(try await status(host, origin) == expected, "\(host) \(origin)")
        }
        let told = ["X-Forwarded-Host": "auth.example.org:443"]
        #expect(try await status("latchkey:8080", "https://auth.example.org", told, peer: "192.0.2.7") == 201)
        #expect(
            try await status("latchkey:8080", "https://auth.example.org", told) == 403, "who is no proxy tells nothing")
    }
}
