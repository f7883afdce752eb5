extension LoginProblem {
    /// Whether the provider does not take the code that somebody has brought: what a stranger who makes codes up comes to. That it does not take
    /// this client is nobody's fault who logs in.
    package var isOfWrongCode: Bool {
        guard case .exchange(let status, let code) = self else { return false }
        return status < 500 && status != 429 && code != "invalid_client" && code != "unauthorized_client"
    }
}
