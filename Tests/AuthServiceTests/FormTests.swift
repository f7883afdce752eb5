import Credentials
import Foundation
import TestSupport
import Testing

@testable import AuthService

@Suite("What forms send")
struct FormTests {
    @Test("Whatever bytes come, a form is one that stands there, or none; a key is only asked for in so many words")
    func random() {
        var generator = Seeded.announced()
        let pieces = [
            "&action=create&", "&days=30&", "&days=never&", "&access=everything&", "&access=some&scopes=a&",
            "username=", "password=", "rd=", "token=", "action=", "create", "revoke", "days=", "30", "never", "access=",
            "everything",
            "some", "scopes=", "a%0Ab", "&", "&", "&", "=", "%", "%f", "%00", "%ff", "+", "é", "id=",
            "b2a46b30-be3f-45b8-9f0c-bb89fb16f45a", "label=x",
        ]
        var asked = 0
        for _ in 0..<50_000 {
            let text = (0..<Int.random(in: 0...14, using: &generator)).map { _ in
                pieces.randomElement(using: &generator) ?? ""
            }.joined()
            var bytes = Array(text.utf8)
            if Bool.random(using: &generator), !bytes.isEmpty {
                bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            if let credential = LoginForm(bytes).credential {
                #expect(!credential.userName.isEmpty && !credential.secret.bytes.isEmpty)
            }
            guard case .create(let body)? = AccountForm(bytes, at: .now).action else { continue }
            asked += 1
            let sent = String(decoding: bytes, as: UTF8.self)
            #expect(sent.contains("days=") && sent.contains("access="), "\(sent)")
            let key = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
            let scopes = key?["scopes"] as? [String]
            #expect(scopes?.isEmpty == false || sent.contains("everything"), "\(sent)")
        }
        #expect(asked > 20)
    }
}
