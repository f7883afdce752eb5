import Credentials

/// The attributes in which directories name an entry for ever: by which a person is known whatever they are called, and wherever their
/// entry is moved to.
enum IdentityAttribute {
    /// Active Directory's, FreeIPA's, 389-ds's and, by RFC 4530, OpenLDAP's: the first that an entry has counts. Those of one product
    /// come before the standard's, which an upgrade may bring beside them.
    static let usual = ["objectGUID", "ipaUniqueID", "nsUniqueId", "entryUUID"]

    /// Whether its values are octets: they are kept as hexadecimal digits.
    static func isBinary(_ name: String) -> Bool { name.lowercased() == "objectguid" }

    /// The identity of an entry.
    /// - Returns: nil if the entry shows none.
    static func identity(of entry: LDAPConnection.Entry, _ attributes: [String]) -> Identity? {
        for attribute in attributes {
            if let value = entry.first(attribute), !value.isEmpty { return Identity("\(attribute):\(value)") }
        }
        return nil
    }

    /// The filter that finds an entry by its identity (RFC 4515).
    /// - Returns: nil for an identity that is of none of the attributes.
    static func filter(_ identity: Identity, _ attributes: [String]) -> String? {
        let parts = identity.text.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2, let name = attributes.first(where: { $0 == parts[0] }) else { return nil }
        guard isBinary(name) else { return "(\(name)=\(SearchFilter.escape(parts[1])))" }
        guard parts[1].count.isMultiple(of: 2), parts[1].allSatisfy(\.isHexDigit) else { return nil }
        var (escaped, digits) = ("", parts[1][...])
        while !digits.isEmpty {
            escaped += "\\" + digits.prefix(2)
            digits = digits.dropFirst(2)
        }
        return "(\(name)=\(escaped))"
    }
}
