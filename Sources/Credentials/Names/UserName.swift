/// The name of a user, as a source, a policy, a request or a store has it. It compares by bytes.
public struct UserName: ExactName {
    /// The name.
    public let text: String

    /// Takes a name as it stands; nothing is checked. What a stranger may choose enters by ``init(entering:)``.
    /// - Parameter text: the name.
    public init(_ text: String) { self.text = text }

    /// Takes a name that somebody at a provider may have chosen for themselves: who they are is known by their subject, and a second person who comes by
    /// the same name is refused.
    ///
    /// The name's characters are composed (NFC, Unicode Standard Annex 15). It is refused if a header field, a log or a screen would show it as another
    /// one.
    /// - Parameter text: the name as it came.
    /// - Throws: ``NameProblem`` for a name that nobody may have.
    public init(entering text: String) throws(NameProblem) {
        let composed = NameProblem.composed(text)
        if let problem = NameProblem.ofExact(composed) { throw problem }
        self.text = composed
    }

    /// Takes a name that is all that is known of somebody: of a token, of a certificate, of a service account.
    ///
    /// Nothing of it is changed: two names that become one would be one person.
    /// - Parameter text: the name as it came.
    /// - Throws: ``NameProblem`` for a name that nobody may have, and for one whose characters are not composed.
    public init(exactly text: String) throws(NameProblem) {
        if let problem = NameProblem.ofExact(text) { throw problem }
        self.text = text
    }
}
