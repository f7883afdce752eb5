import Credentials
import Testing

@testable import APIKeys

@Suite("API keys")
struct APIKeyTests {
    @Test("A new key is key-shaped, a version-4 UUID, and never the same")
    func random() throws {
        var seen: Set<String> = []
        for _ in 0..<200 {
            let key = APIKey.random()
            #expect(Secret(key.text).isKeyShaped && seen.insert(key.text).inserted)
            #expect(key.digits[12] == UInt8(ascii: "4") && "89ab".utf8.contains(key.digits[16]))
            #expect(try #require(APIKey(Secret(key.text))).digest == key.digest)
        }
    }

    @Test("Nothing that prints a key shows it")
    func redacted() {
        let key = APIKey.random()
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!"\(key)\(dumped)".contains(key.text.dropFirst(4)))
    }

    @Test("The digest is SHA-256 of the 32 digits")
    func digest() throws {
        let key = try #require(APIKey(Secret("zak_e77bcb9e9f634f1581756abbf9ecd269")))
        let hex = key.digest.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(hex == "14de16553719d743df2837371d6cad53bfe0fe1d0fa59b592359451d054da361")
    }
}
