import Credentials
import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import AuthService

@Suite("FastCGI")
struct FastCGITests {
    private typealias Action = FastCGIConnection.Action

    private func record(_ kind: FastCGIRecord.Kind, _ request: UInt16 = 1, _ content: [UInt8] = []) -> [UInt8] {
        var bytes: [UInt8] = []
        FastCGIRecord(kind, request: request, content: content[...]).append(to: &bytes)
        return bytes
    }

    private func begin(_ request: UInt16 = 1, role: UInt8 = 2, keeps: Bool = true) -> [UInt8] {
        record(.beginRequest, request, [0, role, keeps ? 1 : 0, 0, 0, 0, 0, 0])
    }

    private func parameters(_ pairs: [(String, String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, value) in pairs { FastCGIParameters.append(name, value, to: &bytes) }
        return bytes
    }

    private func asking(_ pairs: [(String, String)], _ request: UInt16 = 1, keeps: Bool = true) -> [UInt8] {
        begin(request, keeps: keeps) + record(.parameters, request, parameters(pairs)) + record(.parameters, request)
    }

    /// The records that were written.
    private func records(_ actions: [Action]) throws -> [FastCGIRecord] {
        var written: [UInt8] = []
        for case .write(let bytes) in actions { written += bytes }
        var bytes = written[...]
        var records: [FastCGIRecord] = []
        while let record = try FastCGIRecord(readingFrom: &bytes) { records.append(record) }
        #expect(bytes.isEmpty)
        return records
    }

    private let ok = AuthResponse(.ok, headers: IdentityHeaders.nobody)

    @Test("A request comes in whatever pieces, is answered, and the connection goes on if the web server wants it to")
    func request() throws {
        let long = String(repeating: "v", count: 70_000)
        let variables = [("A", "1"), ("LONG", String(long.prefix(60_000))), ("", ""), ("é", "ü")]
        let bytes = asking(variables, 0x1234) + record(.standardInput, 0x1234)
        for size in [1, 2, 7, 8, 9, 1000, bytes.count] {
            var connection = FastCGIConnection()
            var actions: [Action] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                actions += try connection.receive(bytes[start..<min(start + size, bytes.count)])
            }
            #expect(actions == [.answer(Dictionary(uniqueKeysWithValues: variables))], "\(size)")
            let answer = connection.finish(ok)
            let written = try records(answer)
            #expect(written.map(\.kind) == [.standardOutput, .standardOutput, .endRequest] && !answer.contains(.close))
            #expect(written.allSatisfy { $0.request == 0x1234 } && written[1].content.isEmpty)
            #expect(Array(written[2].content) == [0, 0, 0, 0, 0, 0, 0, 0])
            #expect(try connection.receive(asking([("B", "2")], 2)) == [.answer(["B": "2"])])
            #expect(connection.finish(ok).count == 1 && connection.finish(ok).isEmpty, "answered once")
        }
    }

    @Test("Without the flag the connection ends after the answer, and nothing more is read")
    func closes() throws {
        var connection = FastCGIConnection()
        _ = try connection.receive(asking([], keeps: false))
        #expect(connection.finish(ok).last == .close)
        #expect(try connection.receive(asking([("B", "2")])) == [])
    }

    @Test("A body of more than one record arrives whole")
    func longAnswer() throws {
        var connection = FastCGIConnection()
        _ = try connection.receive(asking([]))
        let body = (0..<150_000).map { UInt8(truncatingIfNeeded: $0) }
        let written = try records(connection.finish(AuthResponse(.forbidden, body: body)))
        let output = written.filter { $0.kind == .standardOutput }.flatMap(\.content)
        #expect(output.count > body.count && Array(output.suffix(body.count)) == body)
        #expect(written.count > 4)
    }

    @Test("A second request meanwhile, another role and unknown records are answered as the specification has it")
    func oddities() throws {
        var connection = FastCGIConnection()
        #expect(
            try records(
                try connection.receive(record(.getValues, 0, parameters([("FCGI_MPXS_CONNS", ""), ("X", "")])))
            )
            .map { Array($0.content) } == [parameters([("FCGI_MPXS_CONNS", "0")])])
        let unknown = try records(try connection.receive([1, 99, 0, 0, 0, 0, 3, 0, 1, 2, 3]))
        #expect(unknown.first?.kind == .unknownType && unknown.first?.content.first == 99)
        let responder = try records(try connection.receive(begin(5, role: 1)))
        #expect(responder.first?.kind == .endRequest && responder.first?.content.dropFirst(4).first == 3)
        #expect(try connection.receive(record(.parameters, 5) + record(.standardInput, 5)) == [], "it has ended")
        #expect(try connection.receive(begin(1)) == [])
        let second = try records(try connection.receive(begin(2)))
        #expect(second.first?.request == 2 && second.first?.content.dropFirst(4).first == 1)
        #expect(try connection.receive(record(.parameters, 1)) == [.answer([:])])
        var closing = FastCGIConnection()
        #expect(try closing.receive(begin(5, role: 3, keeps: false)).last == .close)
    }

    @Test("An aborted request is not answered, and the next one is")
    func abort() throws {
        var connection = FastCGIConnection()
        _ = try connection.receive(asking([]))
        let actions = try connection.receive(record(.abortRequest))
        let ended = try records(actions)
        #expect(actions.first == .cancel && ended.map(\.kind) == [.endRequest])
        #expect(connection.finish(ok).isEmpty)
        _ = try connection.receive(begin(3))
        #expect(try records(try connection.receive(record(.abortRequest, 3))).map(\.kind) == [.endRequest])
        #expect(try connection.receive(asking([], 4)) == [.answer([:])])
        #expect(try connection.receive(record(.abortRequest, 3)) == [], "of another one")
    }

    @Test("What is no FastCGI, too much, or said twice ends the connection")
    func refused() throws {
        func fails(_ bytes: [UInt8]) {
            var connection = FastCGIConnection()
            #expect(throws: FastCGIProblem.self) { try connection.receive(bytes) }
        }
        fails(Array("GET / HTTP/1.1\r\n\r\n".utf8))
        fails(record(.beginRequest, 0, [0, 2, 0, 0, 0, 0, 0, 0]))
        fails(record(.beginRequest, 1, [0]))
        fails(asking([("A", "1"), ("A", "2")]))
        for cut in [
            [5, 1, 65], [0x80], [0x80, 0, 0], [1, 0x80, 0, 0, 9, 65], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        ] as [[UInt8]] {
            fails(begin() + record(.parameters, 1, cut) + record(.parameters))
        }
        let much = parameters([("A", String(repeating: "x", count: 60_000))])
        fails(begin() + record(.parameters, 1, much) + record(.parameters, 1, much) + record(.parameters, 1, much))
    }

    @Test("No bytes crash it, and whatever it writes are whole records")
    func fuzz() throws {
        var random = Seeded.announced()
        let seed =
            record(.getValues, 0, parameters([("FCGI_MPXS_CONNS", "")])) + asking([("A", "1"), ("HTTP_HOST", "x")])
            + record(.abortRequest) + asking([("B", "2")], 2, keeps: false)
        for _ in 0..<20_000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            var connection = FastCGIConnection()
            var rest = bytes[...]
            while !rest.isEmpty {
                let size = Int.random(in: 1...40, using: &random)
                guard let actions = try? connection.receive(rest.prefix(size)) else { break }
                _ = try records(actions)
                if actions.contains(where: { if case .answer = $0 { true } else { false } }),
                    Bool.random(using: &random)
                {
                    _ = try records(connection.finish(ok))
                }
                rest = rest.dropFirst(size)
            }
        }
    }

    @Test(
        "The variables of a web server are a request with its original, judged as any other; what a client sends demands nothing"
    )
    func variables() async throws {
        let service = try Service()
        let (key, _) = try await service.createKey(#"{"scopes": ["app:read"]}"#)
        func status(_ variables: [String: String]) async -> Int {
            await service.service.answer(AuthRequest(fastCGI: variables)) { _ in [] }.status.code
        }
        let password = ["REMOTE_USER": "alice", "REMOTE_PASSWD": "pass:word", "REMOTE_ADDR": "192.0.2.9"]
        #expect(await status(password) == 200)
        #expect(await status(["HTTP_AUTHORIZATION": Service.basic("alice", "pass:word")]) == 200)
        #expect(await status(["HTTP_AUTHORIZATION": "Bearer \(key)", "LATCHKEY_DEMAND": "scope=app"]) == 200)
        #expect(await status(["REMOTE_USER": "alice"]) == 401, "a name without its password is nobody")
        #expect(await status(password.merging(["HTTP_AUTHORIZATION": "Basic x"]) { $1 }) == 401)
        #expect(await status(["REMOTE_USER": "alice", "REMOTE_PASSWD": "x"]) == 401)
        #expect(await status(password.merging(["LATCHKEY_DEMAND": "group=admins"]) { $1 }) == 200)
        #expect(await status(password.merging(["LATCHKEY_DEMAND": "group=x"]) { $1 }) == 403)
        #expect(await status(password.merging(["LATCHKEY_DEMAND": "grup=x"]) { $1 }) == 400)
        #expect(
            await status(
                password.merging(["LATCHKEY_DEMAND": "host=App.example", "HTTP_HOST": "app.example:443"]) { $1 }) == 200
        )
        #expect(await status(password.merging(["LATCHKEY_DEMAND": "host=app", "HTTP_HOST": "b"]) { $1 }) == 403)
        let pull = ["LATCHKEY_DEMAND": "registry", "REQUEST_METHOD": "GET", "REQUEST_URI": "/v2/app/tags/list"]
        let scoped = ["HTTP_AUTHORIZATION": Service.basic("alice", key)]
        #expect(await status(scoped.merging(pull) { $1 }) == 200)
        #expect(
            await status(scoped.merging(pull) { $1 }.merging(["REQUEST_METHOD": "PUT"]) { $1 }) == 400,
            "no such request")
        #expect(await status(scoped.merging(pull) { $1 }.merging(["REQUEST_URI": "/v2/b/tags/list"]) { $1 }) == 403)
        let spoofs = [
            "HTTP_LATCHKEY_DEMAND": "x", "HTTP_X_ORIGINAL_URI": "/v2/app/tags/list", "HTTP_X_FORWARDED_FOR": "6.6.6.6",
            "HTTP_FORWARDED": "for=6.6.6.6",
        ]
        #expect(await status(password.merging(spoofs) { $1 }) == 200)
        #expect(!service.audited.contains { $0.client?.description == "6.6.6.6" })
        #expect(service.audited.contains { $0.client?.description == "192.0.2.9" })
    }

    @Test("A yes sets each variable, anything else is the client's answer")
    func responses() {
        let yes = String(decoding: FastCGIResponse.bytes(of: ok), as: UTF8.self)
        #expect(yes.hasPrefix("Status: 200 OK\r\nVariable-REMOTE_USER: \r\nVariable-REMOTE_GROUPS: \r\n"))
        #expect(!yes.contains("Cache-Control") && yes.hasSuffix("\r\n\r\n"))
        let no = String(decoding: FastCGIResponse.bytes(of: .tooManyRequests(after: .seconds(3))), as: UTF8.self)
        #expect(no.hasPrefix("Status: 429 ") && no.contains("\r\nRetry-After: 3\r\n") && no.contains("\r\n\r\n{"))
    }
}
