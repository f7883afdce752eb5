/// The name of a group, as a source or a policy has it. It compares by bytes.
public struct GroupName: ExactName {
    /// The name.
    public let text: String

    /// Takes a name as it stands; nothing is checked. What a stranger may choose enters by ``init(exactly:)``.
    /// - Parameter text: the name.
    public init(_ text: String) { self.text = text }

    /// Takes a name that a provider or a token states. Nothing of it is changed: two groups whose names become one would be one group.
    /// - Parameter text: the name as it came.
    /// - Throws: ``NameProblem`` for a name that no group may have, and for one whose characters are not composed (NFC).
    public init(exactly text: String) throws(NameProblem) {
        if let problem = NameProblem(of: text) { throw problem }
        guard NameProblem.composed(text).hasSameBytes(as: text) else { throw .notComposed }
        self.text = text
    }
}
