import Credentials

/// What the login page's form sends.
struct LoginForm {
    /// The longest body, in bytes.
    static let maximumLength = 16_384

    let credential: BasicCredential?
    /// Where the browser wants to go afterwards.
    let target: String

    /// Reads it.
    init(_ body: [UInt8]) {
        let fields = FormFields(body)
        target = fields.one("rd") ?? ""
        guard let name = fields.one("username"), let password = fields.one("password"), !name.isEmpty, !password.isEmpty
        else {
            credential = nil
            return
        }
        credential = BasicCredential(userName: UserName(name), secret: Secret(password))
    }
}
