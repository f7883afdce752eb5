import Credentials
/// What a provider hands to the browser for the way back (RFC 6749, 4.1.2).
struct CallbackQuery: Sendable {
    let code: String

    private static let codes: Set<String> = [
        "invalid_request", "unauthorized_client", "access_denied", "unsupported_response_type", "invalid_scope",
        "interaction_required", "login_required", "consent_required",
    ]

    /// Reads it, and checks that it belongs to a login.
    /// - Parameters:
    ///   - query: the query of the address that the browser came back to.
    ///   - login: the login that it has begun.
    ///   - issuer: how whoever was asked names itself (RFC 9207, 2).
    ///   - namesItself: whether the provider always says who it is.
    /// - Throws: ``LoginProblem``. A parameter that stands twice is none: which of them counts would be a guess.
    init(_ query: Substring, _ login: PendingLogin, issuer: Issuer, namesItself: Bool) throws(LoginProblem) {
        let fields = FormText.decode(query)
        func one(_ name: String) throws(LoginProblem) -> String? {
            let values = fields.filter { $0.name == name }
            guard values.count < 2 else { throw .unknownLogin }
            return values.first?.value
        }
        guard try one("state")?.hasSameBytes(as: login.state) ?? false else { throw .unknownLogin }
        switch try one("iss") {
        case nil: guard !namesItself else { throw .mixedUp }
        case let given?: guard given.hasSameBytes(as: issuer.text) else { throw .mixedUp }
        }
        if let error = try one("error") {
            // An outage is no refusal.
            if ["server_error", "temporarily_unavailable"].contains(error) {
                throw .outage("it sent the browser back with the error \(error)")
            }
            throw .refused(code: Self.codes.contains(error) ? error : "other")
        }
        guard let code = try one("code"), !code.isEmpty, code.utf8.count <= 4096 else { throw .unknownLogin }
        self.code = code
    }
}
