/// The name of a group, as a source or a policy has it. It compares by bytes.
public struct GroupName: ExactName {
    /// The name.
    public let text: String

    /// Takes a name as it stands; nothing is checked. What a stranger may choose enters by ``init(entering:)``.
    /// - Parameter text: the name.
    public init(_ text: String) { self.text = text }

    /// Takes a name that a provider or a token states: as ``UserName/init(entering:)`` takes one of a user.
    /// - Parameter text: the name as it came.
    /// - Throws: ``NameProblem`` for a name that no group may have.
    public init(entering text: String) throws(NameProblem) {
        let composed = NameProblem.composed(text)
        if let problem = NameProblem(of: composed, maximumLength: CredentialRules.maximumUserNameLength) {
            throw problem
        }
        self.text = composed
    }
}
