/// The keys of `http.auth.ldap`.
enum DirectorySchema {
    static let keys: [SchemaKey] = reaching + finding + binding + waiting

    private static let reaching = [
        SchemaKey("address", .text, "The directory's host."),
        SchemaKey("port", .number(1...65535), "389 with startTLS or insecure, else 636."),
        SchemaKey("urls", .texts, "ldap:// and ldaps:// instead of address and port."),
        SchemaKey("domain", .text, "Or: the servers that the DNS names for _ldap._tcp."),
        SchemaKey(
            "serverOrder", .word(["ordered", "roundRobin"]), "Which server is asked first.", usual: "ordered"),
        SchemaKey("startTLS", .bool, "StartTLS on port 389; else ldaps, unless insecure.", usual: "false"),
        SchemaKey("insecure", .bool, "No encryption at all.", usual: "false"),
        SchemaKey("caCert", .text, "The only authorities to trust; by default those of the system.", path: .read),
        SchemaKey("clientCert", .text, "A certificate of our own.", path: .read),
        SchemaKey("clientKey", .text, "Its key.", path: .read),
        SchemaKey("minimumTLSVersion", .word(["1.2", "1.3"]), "The oldest version of TLS.", usual: "1.2"),
        SchemaKey("skipVerify", .bool, "Take any certificate; for tests alone.", usual: "false"),
        SchemaKey(
            "referrals", .bool, "Whether a search follows a referral to one of the servers that are configured.",
            usual: "false"),
    ]

    private static let finding = [
        SchemaKey("baseDN", .texts, "Below which people are searched; several, one after the other."),
        SchemaKey("subtreeSearch", .bool, "Search the whole tree below it, not only one level.", usual: "false"),
        SchemaKey("userAttribute", .text, "Holds the user name: uid, or sAMAccountName with activeDirectory."),
        SchemaKey("userFilter", .text, "What else must hold of a user's entry."),
        SchemaKey("identityAttribute", .text, "Names an entry for ever; by default the first there is of four."),
        SchemaKey("filter", .text, "A whole filter, with {user}, instead of userAttribute and userFilter."),
        SchemaKey("bindDNTemplate", .text, "No search at all: every user's DN, with {user}."),
        SchemaKey("activeDirectory", .bool, "Take user, user@example.org and DOMAIN\\user.", usual: "false"),
        SchemaKey("netbiosDomains", .texts, "The domains of DOMAIN\\user."),
        SchemaKey("userGroupAttribute", .text, "Lists the user's groups; memberOf with activeDirectory."),
        SchemaKey("groups", .group(groups), "A search for groups."),
    ]

    private static let groups = [
        SchemaKey("baseDN", .text, "Below which groups are searched."),
        SchemaKey(
            "members", .list(.word(["member", "uniqueMember", "memberUid", "gidNumber"])), "What names members."),
        SchemaKey("filter", .text, "What else must hold of a group."),
        SchemaKey("nameAttribute", .text, "Its name; cn by default."),
        SchemaKey("nested", .word(["false", "true", "inChain"]), "Groups of groups.", usual: "false"),
        SchemaKey("levels", .number(1...100), "How many levels of them.", usual: "10"),
        SchemaKey("required", .texts, "Only members of one of these may log in."),
        SchemaKey("names", .named(.text), "Short names of your own, by DN."),
    ]

    private static let binding = [
        SchemaKey(
            "credentialsFile", .text, "JSON with bindDN and bindPassword; read again when it changes.", path: .read),
        SchemaKey("bindDN", .text, "The service account that searches."),
        SchemaKey("bindPassword", .text, "Its password, in the clear.", isSecret: true),
        SchemaKey("bindPasswordFile", .text, "A file with its password and nothing else.", path: .read),
        SchemaKey("bindPasswordEnv", .text, "An environment variable with its password."),
    ]

    private static let waiting = [
        SchemaKey("connectTimeout", .duration, "The TLS handshake included.", usual: "3s"),
        SchemaKey("operationTimeout", .duration, "One search or bind.", usual: "5s"),
        SchemaKey("loginDeadline", .duration, "A whole login, waiting included.", usual: "10s"),
        SchemaKey("idleTimeout", .duration, "A connection without use is closed.", usual: "60s"),
        SchemaKey("maximumConnections", .number(1...1024), "Of each kind: searches, and binds.", usual: "64"),
        SchemaKey("lockoutGuard", .number(1...1000), "No more binds for a user after so many failures in the window."),
        SchemaKey("lockoutWindow", .duration, "The directory's own window.", usual: "30m"),
        SchemaKey("authoritative", .bool, "Whether its no is final for users that it knows.", usual: "false"),
    ]
}
