import Credentials
import Crypto
import Foundation
import Sessions

/// What a page of ours puts into its forms, so that no other page can write them: bound to the browser's session, whose token only the
/// browser and this server have. Nothing is kept for it, and it outlives a restart.
enum FormToken {
    /// The token of a session's forms.
    static func make(_ session: SessionToken) -> String {
        let key = SymmetricKey(data: Data(session.text.utf8))
        return Array(HMAC<SHA256>.authenticationCode(for: Data("latchkey form".utf8), using: key)).hexadecimal
    }

    /// Whether a form has the token of a session.
    static func isRight(_ text: String, _ session: SessionToken) -> Bool {
        Secret(text).isEqualInConstantTime(to: make(session).utf8)
    }
}
