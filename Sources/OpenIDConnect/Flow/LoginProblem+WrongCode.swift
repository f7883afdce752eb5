extension LoginProblem {
    /// Whether the provider says that it does not take the code that somebody has brought: `invalid_grant` (RFC 6749, 5.2), and GitHub's
    /// `bad_verification_code`.
    package var isOfWrongCode: Bool {
        guard case .exchange(let status, let code) = self else { return false }
        return status < 500 && (code == "invalid_grant" || code == "bad_verification_code")
    }

    /// Whether the provider refuses, and the code may be why.
    ///
    /// Not all that say so of a code use the word of the standard: Dex of before 2021 and others say `invalid_request`, some have words of their own,
    /// or no JSON. What the standard has for the client (`invalid_client`, 401 and others), and an address where nothing is (404), is the operator's to
    /// mend. An outage is neither.
    package var mayBeOfWrongCode: Bool {
        guard case .exchange(let status, let code) = self, status < 500, status != 401, status != 404 else {
            return false
        }
        return code == "invalid_request" || code == "other"
    }
}
