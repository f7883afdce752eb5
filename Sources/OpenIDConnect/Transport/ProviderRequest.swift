/// A request to a provider. Holds secrets: it is never logged.
package struct ProviderRequest: Sendable {
    package enum Method: String, Sendable { case get = "GET", post = "POST" }

    package let method: Method
    package let url: String
    package var headers: [(String, String)] = [("Accept", "application/json"), ("User-Agent", "latchkey")]
    /// The body, as a form.
    package var form: String?

    package init(_ method: Method, _ url: String, bearer token: String? = nil) {
        (self.method, self.url) = (method, url)
        if let token { headers.append(("Authorization", "Bearer \(token)")) }
    }
}

/// What a provider answers.
package struct ProviderAnswer: Sendable {
    package let status: Int
    package let body: [UInt8]
    /// The fields of its head, as they came.
    package var fields: [(name: String, value: String)] = []

    package init(status: Int, body: [UInt8]) { (self.status, self.body) = (status, body) }

    /// The value of a field of its head, whose name is compared without regard to case (RFC 9110, 5.1).
    /// - Returns: nil if it is not there; the first one if there are several.
    func field(_ name: String) -> String? {
        let name = name.lowercased()
        return fields.first { $0.name.lowercased() == name }?.value
    }
}

/// Asks providers.
package protocol ProviderTransport: Sendable {
    /// Sends a request.
    /// - Throws: ``LoginProblem/unreachable(_:)`` where there is no answer in time, or one that is too long. Redirections are not followed.
    func send(_ request: ProviderRequest) async throws(LoginProblem) -> ProviderAnswer
}
