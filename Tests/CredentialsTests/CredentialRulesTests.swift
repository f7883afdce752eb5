import Credentials
import Testing

@Suite("What no source may ever see")
struct CredentialRulesTests {
    @Test(
        "A credential of a forbidden form is refused with its reason",
        arguments: [
            ("", "x", RefusalReason.emptyUserName), ("u", "", .emptySecret), ("u", "a\0b", .nulByte),
            ("u\0", "x", .nulByte), ("u\nv", "x", .controlCharacter), ("u\u{85}", "x", .controlCharacter),
            ("u", String(repeating: "x", count: 4097), .secretTooLong),
            (String(repeating: "u", count: 1025), "x", .userNameTooLong),
        ])
    func refused(user: String, secret: String, reason: RefusalReason) {
        #expect(CredentialRules.refusal(of: .init(userName: UserName(user), secret: Secret(secret))) == reason)
    }

    @Test(
        "A credential of an unusual form passes",
        arguments: [
            ("*)(uid=*", "x"), ("a\\b", "x"), ("🗝️", "пароль"), ("u", String(repeating: "x", count: 4096)),
            (String(repeating: "u", count: 1024), "\u{1}"),
        ])
    func allowed(user: String, secret: String) {
        #expect(CredentialRules.refusal(of: .init(userName: UserName(user), secret: Secret(secret))) == nil)
    }

    @Test("No random credential makes the rules crash, and what passes has none of what they forbid")
    func random() {
        for _ in 0..<2000 {
            let name = String(
                (0..<Int.random(in: 0...40)).map { _ in Character(Unicode.Scalar(UInt8.random(in: 0...255))) })
            let secret = Secret(bytes: (0..<Int.random(in: 0...40)).map { _ in .random(in: 0...255) })
            guard CredentialRules.refusal(of: .init(userName: UserName(name), secret: secret)) == nil else { continue }
            #expect(!name.isEmpty && !secret.bytes.isEmpty && !secret.bytes.contains(0))
            #expect(!name.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
        }
    }
}
