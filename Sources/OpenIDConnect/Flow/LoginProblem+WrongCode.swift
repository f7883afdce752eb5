extension LoginProblem {
    /// Whether the provider does not take the code that somebody has brought: what a stranger who makes codes up comes to.
    ///
    /// Only that is said of a code by `invalid_grant` (RFC 6749, 5.2) and GitHub's `bad_verification_code`. Whatever else a provider refuses is
    /// the operator's to mend, or the provider's, and no fault of who logs in: it must not keep their network out.
    package var isOfWrongCode: Bool {
        guard case .exchange(let status, let code) = self else { return false }
        return status < 500 && (code == "invalid_grant" || code == "bad_verification_code")
    }
}
