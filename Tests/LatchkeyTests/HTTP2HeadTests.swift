import NIOHPACK
import NIOHTTP1
import Testing

@testable import latchkey

@Suite("Heads of HTTP/2")
struct HTTP2HeadTests {
    private func request(_ fields: [(String, String)], isWhole: Bool = true) -> HTTPRequestHead? {
        HTTP2Head.request(HPACKHeaders(fields), isWhole: isWhole)
    }

    @Test(
        "The authority is the host; where a proxy sends Host it is that; where both differ there are two, which is refused"
    )
    func host() throws {
        let base = [(":method", "GET"), (":scheme", "https"), (":path", "/v2/")]
        for (more, hosts) in [
            ([(":authority", "a.example")], ["a.example"]), ([("host", "a.example")], ["a.example"]),
            ([(":authority", "a.example"), ("host", "a.example")], ["a.example"]),
            ([(":authority", "a.example"), ("host", "b.example")], ["b.example", "a.example"]), ([], []),
        ] {
            let head = try #require(request(base + more))
            #expect(head.headers["host"] == hosts && head.uri == "/v2/" && head.method == .GET)
            #expect(HeadForm(head).hasHost == (hosts.count == 1), "\(more)")
        }
    }

    @Test("Cookies in pieces are one; a body of no said length is announced; without method or path it is no request")
    func rest() throws {
        let base = [(":method", "POST"), (":path", "/x"), (":authority", "a")]
        let head = try #require(request(base + [("cookie", "a=1"), ("x", "y"), ("cookie", "b=2")], isWhole: false))
        #expect(head.headers["cookie"] == ["a=1; b=2"] && head.headers["transfer-encoding"] == ["chunked"])
        #expect(
            try #require(request(base + [("content-length", "3")], isWhole: false)).headers["transfer-encoding"].isEmpty
        )
        #expect(try #require(request(base)).headers["transfer-encoding"].isEmpty)
        #expect(request([(":method", "GET"), (":authority", "a")]) == nil)
        #expect(request([(":path", "/"), (":authority", "a")]) == nil)
        #expect(request([(":method", "GET"), (":path", ""), (":authority", "a")]) == nil)
    }
}
