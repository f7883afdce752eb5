/// The names of the attributes that distinguished names are made of (RFC 4514, 3; RFC 4519; RFC 2985 for the mail address).
package enum AttributeName {
    private static let shortNames = [
        "2.5.4.3": "cn", "commonname": "cn",
        "2.5.4.4": "sn", "surname": "sn",
        "2.5.4.5": "serialnumber",
        "2.5.4.6": "c", "countryname": "c",
        "2.5.4.7": "l", "localityname": "l",
        "2.5.4.8": "st", "stateorprovincename": "st", "s": "st",
        "2.5.4.9": "street", "streetaddress": "street",
        "2.5.4.10": "o", "organizationname": "o",
        "2.5.4.11": "ou", "organizationalunitname": "ou",
        "2.5.4.12": "title",
        "2.5.4.42": "givenname", "gn": "givenname",
        "0.9.2342.19200300.100.1.1": "uid", "userid": "uid",
        "0.9.2342.19200300.100.1.3": "mail", "rfc822mailbox": "mail",
        "0.9.2342.19200300.100.1.25": "dc", "domaincomponent": "dc",
        "1.2.840.113549.1.9.1": "email", "emailaddress": "email", "e": "email",
    ]

    /// The one name of an attribute, however it was written: by its short or long name, or by its OID.
    package static func short(_ name: String) -> String {
        var name = name.lowercased()
        // RFC 1779 wrote `OID.2.5.4.3`.
        if name.hasPrefix("oid.") { name.removeFirst(4) }
        return shortNames[name] ?? name
    }
}
