/// What a login does next. The flows decide it, as values; ``IdentityProvider`` does it.
enum LoginStep: Sendable {
    /// Ask the provider.
    case ask(ProviderRequest)
    /// Check an ID token: its signature and what it says.
    case verify(idToken: String)
    /// It is over: this is who it is.
    case done(ProviderIdentity)
}

/// The way from a browser that comes back to who it is: a pure value, which each answer moves on.
protocol LoginFlow: Sendable {
    /// The first step, with the code that the browser has brought.
    mutating func begin(code: String) throws(LoginProblem) -> LoginStep
    /// The next step after a provider's answer.
    mutating func answered(_ answer: ProviderAnswer) throws(LoginProblem) -> LoginStep
    /// The next step after an ID token was found to be good.
    mutating func verified(_ claims: Claims) throws(LoginProblem) -> LoginStep
}

extension LoginFlow {
    /// A step that does not fit where the flow is would be a defect of the one that drives it.
    func outOfTurn() -> LoginProblem { .provider("it was asked out of turn") }
}
