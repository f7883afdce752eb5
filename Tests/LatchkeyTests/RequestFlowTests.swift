import HTTPTypes
import Testing

@testable import latchkey

@Suite("The order of answers on one connection")
struct RequestFlowTests {
    private func head(_ fields: HTTPFields = [:]) -> HTTPRequest {
        HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/", headerFields: fields)
    }

    @Test("A request is answered on the spot only in its turn")
    func turn() {
        var flow = RequestFlow()
        #expect(flow.mayAnswer(head()) && flow.isIdle)
        flow.readHead(isAnsweredHere: false)
        #expect(flow.readBody() == .forward && flow.readEnd() == .forward)
        #expect(!flow.mayAnswer(head()) && !flow.isIdle, "the server behind owes an answer")
        flow.wroteEnd()
        #expect(flow.mayAnswer(head()) && flow.isIdle)
        flow.readHead(isAnsweredHere: true)
        #expect(flow.readEnd() == .drop && flow.mayAnswer(head()))
    }

    @Test("A request with a body, or one that ends the connection, goes to the server behind")
    func notHere() {
        let flow = RequestFlow()
        for fields: HTTPFields in [
            [.contentLength: "5"], [.transferEncoding: "chunked"], [.connection: "close"],
            [.connection: "Upgrade", .upgrade: "h2c"],
        ] {
            #expect(!flow.mayAnswer(head(fields)), "\(fields)")
        }
        for fields: HTTPFields in [[.contentLength: "0"], [.connection: "Keep-Alive"]] {
            #expect(flow.mayAnswer(head(fields)), "\(fields)")
        }
    }

    @Test("A client that stalls in the middle of a request is idle")
    func stalled() {
        var flow = RequestFlow()
        flow.readHead(isAnsweredHere: false)
        #expect(flow.isIdle)
        _ = flow.readEnd()
        #expect(!flow.isIdle)
    }
}
