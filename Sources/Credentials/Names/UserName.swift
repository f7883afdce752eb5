/// The name of a user, as a source, a policy, a request or a store has it. It compares by bytes.
public struct UserName: ExactName {
    /// The name.
    public let text: String

    /// Takes a name as it stands; nothing is checked. What a stranger may choose enters by ``init(entering:)``.
    /// - Parameter text: the name.
    public init(_ text: String) { self.text = text }

    /// Takes a name that somebody may have chosen for themselves: of a provider, a token, a certificate or a request.
    ///
    /// This is the one place where a name is made what it will be from then on: its characters are composed (NFC, Unicode Standard
    /// Annex 15). A name is refused if a header field, a log or a screen would show it as another one.
    /// - Parameter text: the name as it came.
    /// - Throws: ``NameProblem`` for a name that nobody may have.
    public init(entering text: String) throws(NameProblem) {
        let composed = NameProblem.composed(text)
        if let problem = NameProblem(of: composed, maximumLength: CredentialRules.maximumUserNameLength) {
            throw problem
        }
        self.text = composed
    }
}
