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
        case account(String)
        /// A user principal name.
        case principal(String)
        /// A domain that is none of ours: nobody is looked up.
        case foreign
    }

    /// Tells the form of a name.
    func form(of userName: String) -> Form {
        if let slash = userName.firstIndex(of: "\\") {
            let domain = userName[..<slash].lowercased()
            guard domains.contains(where: { $0.lowercased() == domain }) else { return .foreign }
            return .account(String(userName[userName.index(after: slash)...]))
        }
        return userName.contains("@") ? .principal(userName) : .account(userName)
    }
}
