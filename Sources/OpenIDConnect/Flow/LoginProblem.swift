/// Why a login by a provider has failed. Its words are for the log: people see none of them, and never a provider's own.
public enum LoginProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// The browser comes back from a login that it has not begun here, or that was ended or is over.
    case unknownLogin
    /// The provider says in its answer that it is another one than was asked (RFC 9207), or does not say who it is though it always does.
    case mixedUp
    /// The provider sent the browser back with an error; the code is one of the standard's (RFC 6749, 4.1.2.1), or `other`.
    case refused(code: String)
    /// The provider could not be reached, or did not answer in time.
    case unreachable(String)
    /// The provider answers, but not today: it is overloaded, or has a limit that is reached.
    case outage(String)
    /// The provider answers, and nothing can be made of it.
    case provider(String)
    /// The provider does not take the code, or this client.
    case exchange(status: Int, code: String)
    /// The token says something else than it must.
    case token(String)
    /// The claims have no user name.
    case noUserName(claim: String)
    /// The claim that is to be the user name is neither a text nor a whole number.
    case noText(claim: String, found: String)
    /// The provider does not tell this application the mail address that is to be the user name.
    case addressWithheld(status: Int)
    /// There are groups, and they can't be read: they must not quietly become none.
    case groupsUnusable(claim: String, reason: String)
    /// The person is in none of the organizations that may log in, as far as GitHub tells; with what it has left out, if it has.
    case notMember(gap: String?)
    /// A fresh login was asked for, and the provider does not say that there was one.
    case notFresh(String)
    /// A claim that the operator demands says something else, or is missing: the person is none of theirs.
    case notAllowed(claim: String)
    /// The user name is an address that the provider has not verified.
    case emailNotVerified
    /// The user name has a form that no source takes.
    case badUserName
    /// The person that an operator has linked the identity to may not log in.
    case disabled
    /// Somebody else has the user name already: another identity, or a person of another source.
    case nameTaken
    /// The operator's rules name somebody so, and no source knows them: whoever comes first must not be taken for them.
    case nameReserved

    /// What failed, and what an operator does about it.
    public var description: String {
        switch self {
        case .unknownLogin:
            "the browser comes back from a login that was not begun here, or ended more than once, or is over"
        case .mixedUp: "the answer names another provider than the one that was asked"
        case .refused(let code): "the provider sent the browser back with the error \(code)"
        case .unreachable(let reason): "the provider can't be reached: \(reason)"
        case .outage(let reason): "the provider does not serve logins right now: \(reason)"
        case .provider(let reason): "the provider's answer can't be used: \(reason)"
        case .exchange(let status, let code):
            "the provider's token endpoint answers \(status) (\(code)): check clientid, clientsecret and the redirect address"
        case .token(let reason): "the ID token is refused: \(reason)"
        case .noUserName(let claim):
            "there is no claim \(claim) to take the user name from: see claimMapping and scopes"
        case .noText(let claim, let found):
            "the claim \(claim), which is to be the user name, is \(found), not a text or a whole number below 2^53: see claimMapping"
        case .addressWithheld(let status):
            "GitHub does not tell the mail addresses (\(status)): give the application the scope user:email (a GitHub App: the permission 'Email addresses'), or take another name by claimMapping: { username: login }"
        case .groupsUnusable(let claim, let reason): "the groups can't be read from \(claim): \(reason)"
        case .notMember(let gap):
            "the person is in none of organizations, or in one that does not let this application see its members"
                + (gap.map { "; \($0)" } ?? "")
        case .notFresh(let reason):
            "a fresh login was asked for, and \(reason): have the provider send auth_time, or say authTime: none at it"
        case .notAllowed(let claim): "the claim \(claim) is none of those that requiredClaims names, or is missing"
        case .emailNotVerified: "the provider has not verified the mail address that is to be the user name"
        case .badUserName: "the user name has a form that no source takes: empty, too long, or with a control character"
        case .disabled: "the person that identities links the login to is disabled in their source"
        case .nameReserved:
            "the user name is one that accessControl or an administrators' list names, and nobody has it yet: link the person to it by identities, or set trustNames: true at the provider if its people can't choose their names"
        case .nameTaken:
            "the user name belongs to somebody else, perhaps in another spelling: link the two by identities, by the name as it is spelled there, or map another claim"
        }
    }
}
