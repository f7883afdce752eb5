import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import AuthService

@Suite("The API-key REST API")
struct APIKeyAPITests {
    private let paths = ["/zot/auth/apikey", "/v2/_zot/ext/apikey", "/api/security/apiKey"]
    private let alice = Service.basic("alice", "pass:word")

    @Test("A key is created, used, listed and revoked on each of the three paths")
    func life() async throws {
        let service = try Service()
        for path in paths {
            let created = await service.ask(
                .post, path, authorization: alice,
                headers: [.userAgent: "curl/7.68.0"],
                body: #"{"label": "git", "scopes": ["repo1", "repo2"], "expirationDate": "2099-12-31T00:00:00Z"}"#)
            #expect(created.status == .created && created.headers[.contentType] == "application/json")
            let object = try created.object()
            #expect(
                Set(object.keys) == [
                    "createdAt", "expirationDate", "isExpired", "creatorUa", "generatedBy", "lastUsed", "label",
                    "scopes",
                    "uuid", "apiKey",
                ])
            #expect(object["label"] as? String == "git" && object["scopes"] as? [String] == ["repo1", "repo2"])
            #expect(object["generatedBy"] as? String == "manual" && object["creatorUa"] as? String == "curl/7.68.0")
            #expect(object["isExpired"] as? Bool == false)
            #expect(object["expirationDate"] as? String == "2099-12-31T00:00:00.000000Z")
            let key = try #require(object["apiKey"] as? String)
            let id = try #require(object["uuid"] as? String)
            let withKey = Service.basic("alice", key)
            #expect(await service.ask(.get, "/v2/", authorization: withKey).status == .ok)

            let list = try await service.ask(.get, path, authorization: withKey).object()["apiKeys"] as? [[String: Any]]
            #expect(list?.count == 1 && list?.first?["apiKey"] == nil && list?.first?["uuid"] as? String == id)

            for _ in 0..<2 {
                #expect(await service.ask(.delete, "\(path)?id=\(id)", authorization: alice).status == .ok)
            }
            #expect(await service.ask(.get, "/v2/", authorization: withKey).status == .unauthorized)
        }
    }

    @Test("A key that never expires has zot's zero date")
    func never() async throws {
        let service = try Service()
        for body in ["{}", #"{"expirationDate": ""}"#, #"{"expirationDate": null, "unknown": [1]}"#] {
            let response = await service.ask(.post, paths[0], authorization: alice, body: body)
            #expect(try response.object()["expirationDate"] as? String == "0001-01-01T00:00:00Z", "\(body)")
        }
    }

    @Test("A key may end with the last second that can be written, and so may all that are rotated from it")
    func lastSecond() async throws {
        let service = try Service()
        let end = "9999-12-31T23:59:59.000000Z"
        for date in ["9999-12-31T23:59:59Z", "9999-12-31T23:59:58.9999999Z", "9999-12-31T00:59:59-23:00"] {
            let made = await service.ask(
                .post, paths[0], authorization: alice, body: #"{"expirationDate": "\#(date)"}"#)
            #expect(try made.object()["expirationDate"] as? String == end, "\(date)")
            let id = try #require(try made.object()["uuid"] as? String)
            let next = await service.ask(.post, "\(paths[0])/rotate?id=\(id)", authorization: alice)
            #expect(try next.object()["expirationDate"] as? String == end, "\(next.text)")
        }
    }

    @Test(
        "What is not such an object, or has a wrong date or scope, is 400",
        arguments: [
            "", " ", "null", "[]", "\"x\"", "1", "{", #"{"label": 1}"#, #"{"scopes": "a"}"#, #"{"scopes": [1]}"#,
            #"{"scopes": [""]}"#, #"{"scopes": ["a\nb"]}"#, #"{"expirationDate": "tomorrow"}"#,
            #"{"expirationDate": 5}"#,
            #"{"expirationDate": "2020-01-01T00:00:00Z"}"#, #"{"expirationDate": "2099-02-30T00:00:00Z"}"#,
            #"{"expirationDate": "9999-12-31T23:59:59.9999999Z"}"#, #"{"expirationDate": "9999-12-31T23:59:59-01:00"}"#,
            #"{"expirationDate": "2099-01-01"}"#, #"{"label": "\ud800"}"#, String(repeating: "[", count: 8000),
            #"{"x": "# + String(repeating: "[", count: 4000) + String(repeating: "]", count: 4000) + "}", "\u{0}",
            "label=x",
        ])
    func badBodies(body: String) async throws {
        let response = await (try Service()).ask(.post, paths[0], authorization: alice, body: body)
        #expect(response.status == .badRequest && response.errorCode == "BAD_REQUEST", "\(response.text)")
    }

    @Test(
        "A field that stands twice is 400, whatever it is written with and however deep it lies",
        arguments: [
            #"{"scopes":[],"scopes":["team/**"]}"#, #"{"scopes":["team/**"],"scopes":[]}"#,
            #"{"expirationDate":"","expirationDate":"2099-01-01T00:00:00Z"}"#, #"{"label":"a","label":"a"}"#,
            #"{"label":"a","Label":"b"}"#, #"{"LABEL":null,"label":"b"}"#, #"{"label":"a","l\u0061bel":"b"}"#,
            #"{"x":{"a":1,"a":2}}"#, #"{"x":[{"a":1,"\u0061":2}],"label":"a"}"#, #"{"x":1,"x":2}"#,
            #"{"responsible":"bob","responsible":null,"expirationDate":"never"}"#,
        ])
    func doubledFields(body: String) async throws {
        let service = try Service()
        let response = await service.ask(.post, paths[0], authorization: alice, body: body)
        #expect(response.status == .badRequest && response.text.contains("a field twice"), "\(response.text)")
    }

    @Test("A key that is reported by both names is 400: one of the two would go on to work")
    func reportedTwice() async throws {
        let service = try Service()
        let (key, _) = try await service.createKey()
        let both = await service.ask(
            .post, "/auth/apikey/revoke", body: #"{"key": "zak_x", "apiKey": "\#(key)"}"#)
        #expect(both.status == .badRequest)
        for body in [
            #"{"key":"\#(key)","key":"zak_x"}"#, #"{"key":"zak_x","k\u0065y":"\#(key)"}"#, #"{"x":{"a":1,"a":1}}"#,
        ] {
            #expect(await service.ask(.post, "/auth/apikey/revoke", body: body).status == .badRequest, "\(body)")
        }
        #expect(await service.ask(.get, "/v2/", authorization: Service.basic("alice", key)).status == .ok)
        let one = await service.ask(.post, "/auth/apikey/revoke", body: #"{"key": null, "apiKey": "\#(key)"}"#)
        #expect(one.status == .accepted)
        #expect(await service.ask(.get, "/v2/", authorization: Service.basic("alice", key)).status == .unauthorized)
    }

    @Test("A body of 8 KiB is read, a longer one is 413")
    func size() async throws {
        let service = try Service()
        func body(_ count: Int) -> String { #"{"label":""# + String(repeating: "x", count: count - 12) + #""}"# }
        #expect(body(8192).utf8.count == 8192)
        #expect(await service.ask(.post, paths[0], authorization: alice, body: body(8192)).status == .created)
        #expect(await service.ask(.post, paths[0], authorization: alice, body: body(8193)).status == .contentTooLarge)
    }

    @Test("A missing, empty or repeated id is 400; one that never was the caller's is 404")
    func badIDs() async throws {
        let service = try Service()
        let (_, id) = try await service.createKey()
        for query in ["", "?", "?id=", "?id", "?ID=\(id)", "?id=\(id)&id=\(id)", "?id=%ZZ"] {
            #expect(
                await service.ask(.delete, paths[0] + query, authorization: alice).status == .badRequest, "\(query)")
        }
        for query in ["?id=\(UUID())", "?id=x", "?id=*"] {
            #expect(await service.ask(.delete, paths[0] + query, authorization: alice).status == .notFound, "\(query)")
        }
        #expect(await service.ask(.delete, "\(paths[0])?id=\(id.uppercased())", authorization: alice).status == .ok)
    }

    @Test("Without a credential it is 401, another method 405, OPTIONS 204, both with Allow")
    func methods() async throws {
        let service = try Service()
        for path in paths {
            for method in [HTTPRequest.Method.get, .post, .delete] {
                #expect(await service.ask(method, path, body: "{}").status == .unauthorized)
            }
            for method in [HTTPRequest.Method.put, .patch, .head] {
                let response = await service.ask(method, path, authorization: alice)
                #expect(
                    response.status == .methodNotAllowed && response.headers[.allow] == "GET, POST, DELETE, OPTIONS")
            }
            let options = await service.ask(.options, path)
            #expect(options.status == .noContent && options.headers[.allow] == "GET, POST, DELETE, OPTIONS")
        }
    }

    @Test("A key without scopes may create and revoke; one with scopes may only list")
    func keysOfKeys() async throws {
        let service = try Service()
        let free = Service.basic("alice", try await service.createKey().key)
        let limited = try await service.createKey(#"{"scopes": ["repo1"]}"#)
        #expect(await service.ask(.post, paths[0], authorization: free, body: "{}").status == .created)
        let withLimited = Service.basic("alice", limited.key)
        #expect(await service.ask(.get, paths[0], authorization: withLimited).status == .ok)
        for response in [
            await service.ask(.post, paths[0], authorization: withLimited, body: "{}"),
            await service.ask(.delete, "\(paths[0])?id=\(limited.id)", authorization: withLimited),
        ] {
            #expect(response.status == .forbidden && response.errorCode == "DENIED")
        }
        #expect(await service.ask(.delete, "\(paths[0])?id=\(limited.id)", authorization: free).status == .ok)
    }
}
