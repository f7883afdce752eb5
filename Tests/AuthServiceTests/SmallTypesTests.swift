import Credentials
import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import AuthService

@Suite("Times of RFC 3339")
struct RFC3339Tests {
    @Test(
        "What Go reads is read",
        arguments: [
            ("2026-12-31T00:00:00Z", 1_798_675_200.0), ("2023-05-05T15:39:28.420926+03:00", 1_683_290_368.420926),
            ("2023-05-05t15:39:28.4209282z", 1_683_301_168.4209282), ("1969-12-31T23:59:59.5Z", -0.5),
            ("2024-02-29T12:00:00-23:59", 1_709_294_340.0),
        ])
    func parse(text: String, seconds: Double) throws {
        #expect(abs(try #require(RFC3339.parse(text)).timeIntervalSince1970 - seconds) < 0.000_001)
    }

    @Test(
        "What is no such time is not",
        arguments: [
            "", "2026-12-31", "2026-12-31 00:00:00Z", "2026-12-31T00:00:00", "2026-13-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "2026-12-31T24:00:00Z", "2026-12-31T00:60:00Z", "2026-12-31T00:00:00+24:00", "2026-12-31T00:00:00.Z",
            "2026-12-31T00:00:00Z ", "٢٠٢٦-12-31T00:00:00Z", "2026-12-31T00:00:00+0000", "99999-01-01T00:00:00Z",
            // What would be of the year 10000, or 0, in UTC or once it is rounded.
            "9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.000001Z", "9999-12-31T23:59:59-00:01",
            "9999-12-31T00:01:00-23:59", "0000-12-31T23:59:59Z", "0001-01-01T00:00:00+00:01", "1900-02-29T00:00:00Z",
            "2026-12-31T23:59:60Z",
        ])
    func reject(text: String) {
        #expect(RFC3339.parse(text) == nil)
    }

    @Test("What is written is read back, to the microsecond")
    func roundTrip() throws {
        for _ in 0..<300 {
            let date = Date(timeIntervalSince1970: .random(in: -1e9...5e9))
            #expect(abs(try #require(RFC3339.parse(RFC3339.format(date))).timeIntervalSince(date)) < 0.000_001)
        }
        #expect(RFC3339.format(Date(timeIntervalSince1970: -0.25)) == "1969-12-31T23:59:59.750000Z")
    }

    @Test(
        "Whatever is read can be written, and is read again as the same time, in any year, with any offset and fraction"
    )
    func closed() throws {
        var random = Seeded.announced()
        func digits(_ range: ClosedRange<Int>, _ width: Int) -> String {
            let text = String(Int.random(in: range, using: &random))
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        var read = 0
        for _ in 0..<20_000 {
            let year =
                [digits(0...9999, 4), digits(9998...9999, 4), digits(0...2, 4), digits(1500...1600, 4)]
                .randomElement(using: &random) ?? ""
            var text =
                "\(year)-\(digits(1...12, 2))-\(digits(1...31, 2))T\(digits(0...23, 2)):\(digits(0...59, 2)):\(digits(0...59, 2))"
            let places = Int.random(in: 0...12, using: &random)
            if places > 0 {
                text +=
                    "."
                    + (0..<places).map { _ in "\(["9", digits(0...9, 1)].randomElement(using: &random) ?? "0")" }
                    .joined()
            }
            text +=
                Bool.random(using: &random)
                ? "Z" : "\(Bool.random(using: &random) ? "+" : "-")\(digits(0...23, 2)):\(digits(0...59, 2))"
            guard let date = RFC3339.parse(text) else { continue }
            read += 1
            let written = RFC3339.format(date)
            #expect(written.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/) != nil, "\(text): \(written)")
            #expect(RFC3339.parse(written) == date, "\(text): \(written)")
            #expect(written <= "9999-12-31T23:59:59.000000Z", "\(text): \(written)")
            // What a store makes of it is written the same, but for what a Double has of a microsecond in that year.
            let stored = Date(microseconds: date.microseconds)
            #expect(abs(stored.timeIntervalSince(date)) < 0.000_1 && RFC3339.parse(RFC3339.format(stored)) != nil)
        }
        #expect(read > 10_000)
    }

    @Test(
        "A time that no client could read, of an older store or a damaged one, is written as the nearest that one can")
    func bounded() {
        for date in [Date.distantFuture, Date(microseconds: .max), Date(timeIntervalSince1970: .infinity)] {
            #expect(RFC3339.format(date) <= "9999-12-31T23:59:59.000000Z" && RFC3339.parse(RFC3339.format(date)) != nil)
        }
        #expect(RFC3339.format(Date(timeIntervalSince1970: 253_402_300_800)) == "9999-12-31T23:59:59.000000Z")
        #expect(RFC3339.format(.distantPast) == "0001-01-01T00:00:00.000000Z")
        #expect(RFC3339.format(Date(microseconds: .min)) == "0001-01-01T00:00:00.000000Z")
        for number in [Int64.max, .min, 0, 1_800_000_000_000_000] {
            _ = Date(microseconds: number).microseconds
        }
        #expect(Date(timeIntervalSince1970: .nan).microseconds == 0)
        #expect(Date(timeIntervalSince1970: 1e300).microseconds == .max)
    }
}

@Suite("Addresses")
struct AddressTests {
    @Test(
        "Addresses are read with or without port and brackets",
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("192.0.2.1:80", "192.0.2.1"), ("2001:DB8::1", "2001:db8::1"),
            ("[2001:db8::1]:80", "2001:db8::1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("fe80::1%eth0", "fe80::1"),
        ])
    func read(text: String, address: String) {
        #expect(IPAddress(text)?.description == address)
    }

    @Test(
        "What is no address is none",
        arguments: ["", "x", "1.2.3", "1.2.3.4.5", "256.1.1.1", "[::1", "unknown", "_hidden"])
    func reject(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(
        "A network contains what its prefix says",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.128/25", "192.0.2.127", false), ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::1", false),
            ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
        ])
    func contains(network: String, address: String, expected: Bool) throws {
        #expect(try #require(IPNetwork(network)).contains(try #require(IPAddress(address))) == expected)
    }

    @Test("What is no network is none", arguments: ["10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "/8", "::/129"])
    func rejectNetwork(text: String) {
        #expect(IPNetwork(text) == nil)
    }

    /// The address that a request with these headers comes from, behind the trusted proxies 10.0.0.0/8.
    private func client(_ peer: String?, _ headers: [(String, String)]) throws -> String? {
        var fields = HTTPFields()
        for (name, value) in headers { fields.append(HTTPField(name: try #require(.init(name)), value: value)) }
        let address = Forwarding(trustedProxies: [try #require(IPNetwork("10.0.0.0/8"))])
        let request = AuthRequest(method: .get, target: "/", headers: fields, peer: peer.flatMap { IPAddress($0) })
        return address.client(of: request)?.description
    }

    @Test("A forwarding header counts only from a trusted proxy, and is read from the right")
    func forwarded() throws {
        let xff = ForwardingField.forwardedFor.rawValue
        #expect(try client("192.0.2.1", [(xff, "203.0.113.1")]) == "192.0.2.1")
        #expect(try client("10.0.0.1", []) == "10.0.0.1")
        #expect(try client("10.0.0.1", [(xff, "203.0.113.1")]) == "203.0.113.1")
        #expect(try client("10.0.0.1", [(xff, "6.6.6.6, 203.0.113.1, 10.0.0.2")]) == "203.0.113.1")
        #expect(try client("10.0.0.1", [(xff, "6.6.6.6"), (xff, "203.0.113.1")]) == "203.0.113.1")
        #expect(try client("10.0.0.1", [(xff, "6.6.6.6, garbage")]) == "10.0.0.1")
        #expect(try client(nil, [(xff, "203.0.113.1")]) == "203.0.113.1")
        let standard = ForwardingField.forwarded.rawValue
        #expect(
            try client("10.0.0.1", [(standard, #"for=6.6.6.6, For="[2001:db8::7]:4711";proto=https"#)]) == "2001:db8::7"
        )
        #expect(try client("10.0.0.1", [(standard, "for=203.0.113.1"), (xff, "6.6.6.6")]) == "203.0.113.1")
    }
}

@Suite("Base64")
struct Base64Tests {
    @Test("What is decoded is what Foundation decodes, with padding and without")
    func property() {
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...40)).map { _ in UInt8.random(in: 0...255) }
            let text = Data(bytes).base64EncodedString()
            #expect(Base64.decode(text.utf8) == bytes)
            #expect(Base64.decode(text.utf8.prefix { $0 != UInt8(ascii: "=") }) == bytes)
        }
    }

    @Test("Text that is none is refused, and none that Foundation refuses is taken but for its padding")
    func reject() {
        for text in ["A", "AAAAA", "AA=A", "=", "==", "AA===", "AAA==", "A A=", "AA\n=", "AA-_", "é", "AAAA="] {
            #expect(Base64.decode(text.utf8) == nil, "\(text)")
        }
        let letters = Array("AZaz09+/=- \n")
        for _ in 0..<5000 {
            let text = String((0..<Int.random(in: 0...9)).map { _ in letters.randomElement() ?? "A" })
            guard let bytes = Base64.decode(text.utf8) else { continue }
            let padded = text.filter { $0 != "=" }
            let whole = padded + String(repeating: "=", count: (4 - padded.count % 4) % 4)
            #expect(Data(base64Encoded: whole) == Data(bytes), "\(text)")
        }
    }
}
