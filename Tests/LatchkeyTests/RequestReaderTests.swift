import NIOCore
import NIOHTTP1
import Testing

@testable import latchkey

@Suite("The parts of a request")
struct RequestReaderTests {
    private let head = HTTPRequestHead(
        version: .http1_1, method: .POST, uri: "/zot/auth/apikey", headers: ["Content-Length": "10"])

    private func bytes(_ count: Int) -> HTTPServerRequestPart {
        .body(ByteBuffer(repeating: 0x61, count: count))
    }

    @Test("A request is complete at its end, with the whole body")
    func whole() {
        var reader = RequestReader { _ in 10 }
        #expect(reader.read(.head(head)) == nil)
        #expect(reader.read(bytes(4)) == nil)
        #expect(reader.read(bytes(6)) == nil)
        #expect(reader.read(.end(nil)) == .init(head: head, body: Array(repeating: 0x61, count: 10)))
    }

    @Test("One whose body is too long is complete at once, and what is left of it is passed over")
    func tooLong() {
        var reader = RequestReader { _ in 10 }
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
            var reader = RequestReader { _ in 10 }
            var requests = [reader.read(.head(head))]
            requests += parts.map { reader.read(bytes($0)) }
            requests.append(reader.read(.end(nil)))
            let complete = requests.compactMap { $0 }
            #expect(complete.count == 1)
            #expect(complete.first?.body?.count == (total <= 10 ? total : nil), "\(parts)")
        }
    }

    @Test("A request that needs no body is complete with its head, unless its body comes in the same read")
    func headIsEnough() {
        var reader = RequestReader { _ in nil }
        #expect(reader.read(.head(head)) == nil)
        #expect(reader.readComplete() == .init(head: head, body: []))
        #expect(!reader.isComplete && !reader.isWorthDraining, "whoever asks for another may never send it")
        #expect(reader.read(bytes(4)) == nil && reader.readComplete() == nil)
        #expect(reader.read(.end(nil)) == nil && reader.isComplete)
        #expect(reader.read(.head(head)) == nil)
        #expect(reader.read(bytes(10)) == nil)
        #expect(reader.read(.end(nil)) == .init(head: head, body: []) && reader.isComplete)
    }

    @Test("A body that goes on and on is a flood, and one a little too long is not")
    func flood() {
        var reader = RequestReader { _ in 10 }
        #expect(reader.read(.head(head)) == nil)
        #expect(reader.read(bytes(11)) != nil && reader.isWorthDraining && !reader.isFlooded)
        #expect(reader.read(bytes(RequestReader.drainLimit)) == nil && !reader.isWorthDraining && !reader.isFlooded)
        #expect(reader.read(bytes(RequestReader.lingeringLimit)) == nil && reader.isFlooded)
    }

    @Test("A client that waits to be told to go on is, once, and only if its body is wanted")
    func expectation() {
        var waiting = head
        waiting.headers.add(name: "Expect", value: "100-Continue")
        for (needsBody, awaits) in [(true, true), (false, false)] {
            var reader = RequestReader { _ in needsBody ? 10 : nil }
            #expect(reader.read(.head(waiting)) == nil && reader.awaitsContinue == awaits)
        }
    }
}
