/// A distinguished name in its string form (RFC 4514), which compares as a directory compares names: distinguishedNameMatch
/// of RFC 4517, 4.2.15.
///
/// `CN=Registry Pushers, OU=groups,DC=Example,DC=org` and `cn=registry pushers,ou=groups,dc=example,dc=org` are equal;
/// so are `cn=a\, b` and `cn=a\2C b`, a hexadecimal value and its text, `2.5.4.3` and `cn`.
///
/// What the older RFC 2253 allows is read too: spaces around separators, `;` between RDNs, quoted values. Values compare
/// without regard to case, as those of all attributes that name people and groups do.
public struct DistinguishedName: Sendable {
    /// The name as it was written.
    public let text: String
    /// The attribute of the first RDN, by its short name in lower case (`cn`).
    public let firstAttribute: String
    /// The value of the first RDN with its escapes resolved: `admins` of `cn=admins,ou=Groups,dc=example,dc=org`.
    public let firstValue: String
    /// The same text for each spelling of the name, for comparisons alone.
    let canonical: String

    /// Reads a name.
    /// - Parameter text: its string form.
    /// - Returns: nil if it is none, or is empty.
    public init?(_ text: String) {
        var reader = DistinguishedNameReader(text)
        guard let names = reader.read(), let first = names.first?.first else { return nil }
        self.text = text
        firstAttribute = first.attribute
        firstValue = first.text
        // What is prepared has no control characters: a value can't be taken for what is between two. Within an RDN the
        // order means nothing.
        canonical = names.map { $0.map(\.canonical).sorted().joined(separator: "\u{1}") }.joined(separator: "\0")
    }

    /// A text that is the same for every spelling of a name: a key of dictionaries.
    /// - Parameter text: a distinguished name, or any other text.
    /// - Returns: for what is no distinguished name, the text without regard to case.
    package static func comparable(_ text: String) -> String {
        DistinguishedName(text)?.canonical ?? StringPreparation.caseIgnore(text)
    }

    /// The value of the first RDN.
    /// - Parameter text: a distinguished name, or any other text.
    /// - Returns: the whole text if it is no distinguished name, or the value is empty.
    package static func shortName(of text: String) -> String {
        DistinguishedName(text).map(\.firstValue).flatMap { $0.isEmpty ? nil : $0 } ?? text
    }
}

extension DistinguishedName: Hashable, CustomStringConvertible {
    /// Whether both name one entry.
    public static func == (left: Self, right: Self) -> Bool { left.canonical == right.canonical }
    /// Feeds what is the same for each spelling.
    public func hash(into hasher: inout Hasher) { hasher.combine(canonical) }
    /// The name as it was written.
    public var description: String { text }
}
