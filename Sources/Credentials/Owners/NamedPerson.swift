/// Somebody whom an administrator names: whoever has the name today, by their identities, and what is kept under the name.
public struct NamedPerson: Sendable, Hashable {
    /// The name, as it is written.
    public let name: UserName
    /// Who has it, by the sources that know it: under whatever name their credentials were made.
    public let owners: [CredentialOwner]

    /// Names somebody.
    /// - Parameters:
    ///   - name: the name, as it is written.
    ///   - owners: who has it, by the sources that know it; nobody to go by what is kept under the name alone.
    public init(name: UserName, owners: [CredentialOwner] = []) { (self.name, self.owners) = (name, owners) }
}
