import AuthService
import Credentials
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import latchkey

@Suite("The handler of a connection's requests")
struct RequestHandlerTests {
    private final class Sink: Sendable { let events = Locked<[AuditEvent]>([]) }

    @Test("A request for which there is no room is 503, in the counters and in the audit trail; known answers go on")
    func noRoom() throws {
        let (sink, resolver) = (Sink(), CredentialResolver(entries: []))
        let service = AuthService(resolver: resolver, ring: nil) { event in sink.events.withLock { $0.append(event) } }
        let handler = RequestHandler(
            LoopService(service), limit: RequestLimit(maximum: 0), timeouts: .init())
        let channel = EmbeddedChannel(handler: handler)
        func answer(to path: String, _ headers: HTTPHeaders = [:]) throws -> String {
            let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: headers)
            try channel.writeInbound(HTTPServerRequestPart.head(head))
            try channel.writeInbound(HTTPServerRequestPart.end(nil))
            var text = ""
            while let part = try channel.readOutbound(as: IOData.self) {
                if case .byteBuffer(let buffer) = part { text += String(buffer: buffer) }
            }
            return text
        }
        // amy:apple
        let refused = try answer(to: "/auth/verify", ["Host": "x", "Authorization": "Basic YW15OmFwcGxl"])
        #expect(refused.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n") && refused.contains("\r\nRetry-After: 5\r\n"))
        #expect(try answer(to: "/healthz", ["Host": "x"]).hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(try answer(to: "/auth/verify", ["Host": "x"]).hasPrefix("HTTP/1.1 401 Unauthorized\r\n"))
        #expect(resolver.metrics.snapshot.unavailable == 1)
        let event = try #require(sink.events.withLock { $0 }.first)
        #expect(event.action.name == "unavailable" && event.userName == "amy" && event.path == "/auth/verify")
        _ = try channel.finish()
    }
}
