import Credentials

/// The ways in which people write their names to Active Directory.
public struct ActiveDirectoryNames: Sendable, Hashable {
    /// The NetBIOS names of domains whose users may write `DOMAIN\user`.
    public var domains: [String]

    /// The names that are taken: a bare account name, a user principal name (`user@example.org`), and a domain's.
    /// - Parameter domains: the NetBIOS names of domains whose users may write `DOMAIN\user`.
    public init(domains: [String] = []) {
        self.domains = domains
    }

    /// What a user name is looked up by.
    enum Form: Equatable {
        /// The account name alone.
        case account(UserName)
        /// A user principal name.
        case principal(UserName)
        /// A domain that is none of ours: nobody is looked up.
        case foreign
    }

    /// Tells the form of a name.
    func form(of userName: UserName) -> Form {
        let text = userName.text
        if let slash = text.utf8.firstIndex(of: UInt8(ascii: "\\")) {
            let domain = StringPreparation.caseIgnore(String(text[..<slash]))
            guard domains.contains(where: { StringPreparation.caseIgnore($0).hasSameBytes(as: domain) }) else {
                return .foreign
            }
            return .account(UserName(String(text[text.utf8.index(after: slash)...])))
        }
        return text.utf8.contains(UInt8(ascii: "@")) ? .principal(userName) : .account(userName)
    }
}
