import Credentials
import Testing

@Suite("Secrets")
struct SecretTests {
    @Test("Nothing that prints a secret shows it")
    func redacted() {
        let credential = BasicCredential(userName: "alice", secret: Secret("hunter2"))
        var dumped = ""
        dump(credential, to: &dumped)
        for text in ["\(credential)", String(reflecting: credential), dumped, "\(credential.secret)"] {
            #expect(!text.contains("hunter2") && !text.contains("104"), "\(text)")
        }
    }

    @Test("Only zak_ and 32 lower-case hexadecimal digits are key-shaped")
    func keyShape() {
        let digits = "e77bcb9e9f634f1581756abbf9ecd269"
        #expect(Secret("zak_\(digits)").isKeyShaped)
        for text in [
            "zak_\(digits.uppercased())", "zak_\(digits)0", "zak_\(digits.dropLast())", "ZAK_\(digits)", digits,
            "zak_\(digits.dropLast())g", "",
        ] {
            #expect(!Secret(text).isKeyShaped, "\(text)")
        }
    }

    @Test("The comparison agrees with ==")
    func comparison() {
        for _ in 0..<500 {
            let a = (0..<3).map { _ in UInt8.random(in: 0...2) }
            let b = (0..<Int.random(in: 2...3)).map { _ in UInt8.random(in: 0...2) }
            #expect(constantTimeEqual(a, b) == (a == b))
        }
    }
}
