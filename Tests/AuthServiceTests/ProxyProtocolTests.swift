import AuthService
import Credentials
import TestSupport
import Testing

@Suite("The header of the PROXY protocol")
struct ProxyProtocolTests {
    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]

    private func read(_ text: String) throws -> ProxyProtocolHeader? { try ProxyProtocolHeader(Array(text.utf8)) }

    private func version2(_ command: UInt8, _ family: UInt8, _ rest: [UInt8], length: Int? = nil) -> [UInt8] {
        let length = length ?? rest.count
        return Self.signature + [command, family, UInt8(length >> 8), UInt8(length & 255)] + rest
    }

    @Test("Lines of version 1 say from where a client comes")
    func lines() throws {
        for (text, client) in [
            ("PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n", "192.0.2.7"),
            ("PROXY TCP6 2001:db8::7 2001:db8::1 1 65535\r\n", "2001:db8::7"),
            ("PROXY TCP6 ::ffff:192.0.2.7 ::1 1 0\r\n", "192.0.2.7"),
            ("PROXY UNKNOWN\r\n", nil), ("PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n", nil),
        ] as [(String, String?)] {
            let header = try #require(try read(text + "GET /"))
            #expect(header.client == client.flatMap { IPAddress($0) } && header.length == text.utf8.count, "\(text)")
        }
    }

    @Test(
        "Anything else is none",
        arguments: [
            "GET / HTTP/1.1\r\n", "PROXY TCP4 192.0.2.7 198.51.100.1 56324\r\n", "PROXY TCP4 192.0.2.7 x 1 2\r\n",
            "PROXY TCP4 ::1 ::1 1 2\r\n", "PROXY TCP6 192.0.2.7 192.0.2.8 1 2\r\n",
            "PROXY  TCP4 1.2.3.4 1.2.3.4 1 2\r\n",
            "PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n",
            "PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n", "PROXY TCP4 1.2.3.4:80 1.2.3.4 1 2\r\n",
            "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n",
            "PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n",
            "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\u{e9}\r\n", "proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n", "PROXY \r\n",
            "PROXY UNKNOWN " + String(repeating: "a", count: 100), "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n", "X",
        ])
    func others(text: String) {
        #expect(throws: ProxyProtocolProblem.self) { try read(text) }
    }

    @Test("Version 2 says the same in bytes; what it adds is passed over")
    func binary() throws {
        let four = version2(0x21, 0x11, [192, 0, 2, 7, 198, 51, 100, 1, 0, 1, 0, 2])
        #expect(try ProxyProtocolHeader(four)?.client == IPAddress("192.0.2.7"))
        let more = version2(0x21, 0x11, [192, 0, 2, 7, 198, 51, 100, 1, 0, 1, 0, 2, 0x04, 0, 1, 9])
        #expect(try ProxyProtocolHeader(more + [1, 2])?.length == more.count)
        let six = version2(0x21, 0x21, [0x20, 1, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 32))
        #expect(try ProxyProtocolHeader(six)?.client == IPAddress("2001:db8::"))
        // LOCAL, of no family, and a Unix socket at the proxy's: it speaks for itself.
        for header in [
            version2(0x20, 0x11, [192, 0, 2, 7, 198, 51, 100, 1, 0, 1, 0, 2]), version2(0x21, 0, []),
            version2(0x21, 0x31, [UInt8](repeating: 1, count: 216)),
        ] {
            #expect(try #require(try ProxyProtocolHeader(header)).client == nil)
        }
        for header in [
            version2(0x11, 0x11, []), version2(0x22, 0x11, []), version2(0x21, 0x12, []), version2(0x21, 0x11, [1]),
            version2(0x21, 0x21, [UInt8](repeating: 1, count: 12)), version2(0x21, 0x11, [], length: 2049),
        ] {
            #expect(throws: ProxyProtocolProblem.self) { try ProxyProtocolHeader(header) }
        }
    }

    @Test("Of a header that has not all come, more is wanted; it says the same once it has")
    func pieces() throws {
        let headers = [
            Array("PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n".utf8),
            version2(0x21, 0x11, [192, 0, 2, 7, 198, 51, 100, 1, 0, 1, 0, 2]),
        ]
        for header in headers {
            for count in 0..<header.count { #expect(try ProxyProtocolHeader(header.prefix(count)) == nil, "\(count)") }
            #expect(try ProxyProtocolHeader(header)?.client == IPAddress("192.0.2.7"))
        }
    }

    @Test("Whatever comes is read without a crash, and never as longer than it is")
    func anything() throws {
        var random = Seeded.announced()
        for _ in 0..<20_000 {
            var bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { bytes = Self.signature + [0x21, 0x11, 0] + bytes }
            guard let header = try? ProxyProtocolHeader(bytes) else { continue }
            #expect(header.length <= bytes.count)
        }
    }
}
