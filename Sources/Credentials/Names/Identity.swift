/// What a provider or a directory calls somebody for ever, and never gives to a second person (`sub` of OpenID Connect Core 1.0, 2). It compares by
/// bytes.
public struct Subject: ExactName {
    /// The name.
    public let text: String

    /// Takes a name as it stands.
    /// - Parameter text: the name.
    public init(_ text: String) { self.text = text }
}

/// The address by which a provider, or an issuer of tokens, names itself (`iss` of OpenID Connect Core 1.0, 2). It compares by bytes, as RFC 8414,
/// 3.3 demands: a slash at the end makes another one of it.
public struct Issuer: ExactName {
    /// The address.
    public let text: String

    /// Takes an address as it stands.
    /// - Parameter text: the address.
    public init(_ text: String) { self.text = text }
}

/// Who somebody is, whatever they are called: the name that their source never gives to a second person, such as `entryUUID:…`,
/// `ISSUER|SUBJECT`, or `name:…` where the user name is all that there is. Keys and sessions are bound to it. It compares by bytes.
public struct Identity: ExactName {
    /// The name.
    public let text: String

    /// Takes a name as it stands.
    /// - Parameter text: the name, as a source or a store has it.
    public init(_ text: String) { self.text = text }

    /// The identity of somebody of whom the user name is all that is known.
    /// - Parameter userName: the canonical user name.
    public init(named userName: UserName) { text = "name:\(userName.text)" }

    /// The identity of somebody at a provider.
    /// - Parameters:
    ///   - issuer: who vouches for them.
    ///   - subject: what that calls them.
    public init(_ issuer: Issuer, _ subject: Subject) { text = "\(issuer.text)|\(subject.text)" }

    /// The user name, where that is all that is known.
    public var userName: UserName? {
        text.utf8.starts(with: "name:".utf8) ? UserName(String(decoding: text.utf8.dropFirst(5), as: UTF8.self)) : nil
    }

    /// Whether a provider vouches for it.
    /// - Parameter issuer: how the provider names itself today.
    public func isOf(_ issuer: Issuer) -> Bool { text.utf8.starts(with: "\(issuer.text)|".utf8) }

    /// What a provider calls whoever it is.
    /// - Parameter issuer: how the provider names itself today.
    /// - Returns: nil if the provider does not vouch for it.
    public func subject(of issuer: Issuer) -> Subject? {
        isOf(issuer) ? Subject(String(decoding: text.utf8.dropFirst(issuer.utf8.count + 1), as: UTF8.self)) : nil
    }
}
