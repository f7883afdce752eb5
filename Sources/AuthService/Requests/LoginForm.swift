import Credentials

/// What the login page's form sends.
struct LoginForm {
    /// The longest body, in bytes.
    static let maximumLength = 16_384

    let credential: BasicCredential?
    /// Where the browser wants to go afterwards.
    let target: String

    /// Reads it. What stands twice is none: which of them somebody has typed would be a guess.
    init(_ body: [UInt8]) {
        let fields = String(validating: body, as: UTF8.self).map { FormText.decode($0[...]) } ?? []
        func one(_ name: String) -> String? {
            let values = fields.filter { $0.name == name }
            return values.count == 1 ? values[0].value : nil
        }
        target = one("rd") ?? ""
        guard let name = one("username"), let password = one("password"), !name.isEmpty, !password.isEmpty else {
            credential = nil
            return
        }
        credential = BasicCredential(userName: name, secret: Secret(password))
    }
}
