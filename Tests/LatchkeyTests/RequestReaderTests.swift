import NIOCore
import NIOHTTP1
import Testing

@testable import latchkey

@Suite("The parts of a request")
struct RequestReaderTests {
    private let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/zot/auth/apikey")

    private func bytes(_ count: Int) -> HTTPServerRequestPart {
        .body(ByteBuffer(repeating: 0x61, count: count))
    }

    @Test("A request is complete at its end, with the whole body")
    func whole() {
        var reader = RequestReader(bodyLimit: 10)
        #expect(reader.read(.head(head)) == nil)
        #expect(reader.read(bytes(4)) == nil)
        #expect(reader.read(bytes(6)) == nil)
        #expect(reader.read(.end(nil)) == .init(head: head, body: Array(repeating: 0x61, count: 10)))
    }

    @Test("One whose body is too long is complete at once, and what is left of it is passed over")
    func tooLong() {
        var reader = RequestReader(bodyLimit: 10)
        #expect(reader.read(.head(head)) == nil)
        #expect(reader.read(bytes(11)) == .init(head: head, body: nil))
        #expect(reader.read(bytes(1_000_000)) == nil)
        #expect(reader.read(.end(nil)) == nil)
        #expect(reader.read(.head(head)) == nil)
        #expect(reader.read(.end(nil)) == .init(head: head, body: []), "the next request starts afresh")
    }

    @Test("However a body is cut into parts, it is kept up to the limit and refused past it")
    func property() {
        for _ in 0..<500 {
            let parts = (0..<Int.random(in: 0...6)).map { _ in Int.random(in: 0...5) }
            let total = parts.reduce(0, +)
            var reader = RequestReader(bodyLimit: 10)
            var requests = [reader.read(.head(head))]
            requests += parts.map { reader.read(bytes($0)) }
            requests.append(reader.read(.end(nil)))
            let complete = requests.compactMap { $0 }
            #expect(complete.count == 1)
            #expect(complete.first?.body?.count == (total <= 10 ? total : nil), "\(parts)")
        }
    }
}
