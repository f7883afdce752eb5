import Credentials
import LDAPDirectory
import TestSupport
import Testing

@Suite("Finding people", .serialized)
struct FindingTests {
    private static let entries = """
        dn: ou=Partners,dc=example,dc=org
        objectClass: organizationalUnit
        ou: Partners

        dn: uid=zoe,ou=Partners,dc=example,dc=org
        objectClass: inetOrgPerson
        uid: Zoe
        uid: zz-alias
        uid: aa-alias
        cn: Zoë
        sn: Zoë
        mail: zoe@example.org
        userPassword: zoe-password

        dn: cn=two names,ou=Partners,dc=example,dc=org
        objectClass: inetOrgPerson
        uid: second
        uid: first
        cn: two names
        sn: x
        userPassword: two-password
        """

    @Test("Several bases are searched, and a name in two of them is nobody's")
    func bases() async throws {
        let slapd = try await Slapd(
            entries: Self.entries + """


                dn: uid=alice,ou=Partners,dc=example,dc=org
                objectClass: inetOrgPerson
                uid: alice
                cn: Alice
                sn: Alice
                userPassword: other-password
                """)
        let source = Directory.source([slapd.url]) { $0.bases = [Directory.users, "ou=Partners,dc=example,dc=org"] }
        #expect(await source.says("zoe", "zoe-password") == "Zoe")
        #expect(await source.says("hatter", "hatter-password") == "hatter")
        #expect(await source.says("alice", "alice-password") == "ambiguous-user")
        #expect(await source.says("nobody", "x") == "unknown")
    }

    @Test("However a person writes their name, and by whichever of their names, they are one owner")
    func canonical() async throws {
        let slapd = try await Slapd(entries: Self.entries)
        let source = Directory.source([slapd.url]) { $0.bases = ["ou=Partners,dc=example,dc=org"] }
        for name in ["zoe", "ZOE", "Zoe", "aa-alias", "ZZ-Alias"] {
            #expect(await source.says(name, "zoe-password") == "Zoe", "\(name)")
            #expect(await source.finds(name) == "Zoe", "\(name)")
        }
        for name in ["first", "second"] { #expect(await source.says(name, "two-password") == "first") }
    }

    @Test("A whole filter finds people by whatever it says")
    func filter() async throws {
        let slapd = try await Slapd(entries: Self.entries)
        let source = Directory.source([slapd.url]) {
            $0.bases = ["dc=example,dc=org"]
            $0.filter = "(|(uid={user})(mail={user}))"
        }
        #expect(await source.says("zoe@example.org", "zoe-password") == "Zoe")
        #expect(await source.says("alice@example.org", "alice-password") == "alice")
        #expect(await source.says("*@example.org", "alice-password") == "unknown")
    }

    @Test("A template needs no search and no service account, and reads the entry as the user")
    func template() async throws {
        let slapd = try await Slapd()
        let source = Directory.source([slapd.url]) {
            $0.serviceAccount = nil
            $0.bindDNTemplate = "uid={user},\(Directory.users)"
            $0.groups.attribute = "memberOf"
        }
        #expect(await source.says("ALICE", "alice-password") == "alice")
        #expect(await source.groups("alice", "alice-password") == ["admins", "developers, backend"])
        #expect(await source.says("alice", "wrong") == "wrong-password")
        #expect(await source.says("nobody", "x") == "wrong-password", "a bind does not tell")
        #expect(await source.says("hatter,ou=Guests", "hatter-password") == "wrong-password", "one RDN alone")
        let withAccount = Directory.source([slapd.url]) { $0.bindDNTemplate = "uid={user},\(Directory.users)" }
        #expect(await withAccount.finds("Alice") == "alice")
        #expect(await withAccount.finds("nobody") == "absent")
    }

    @Test("A referral is followed only if configured, and only to a server that is configured")
    func referral() async throws {
        let target = try await Slapd()
        let slapd = try await Slapd(
            entries: """
                dn: ou=Elsewhere,dc=example,dc=org
                objectClass: referral
                objectClass: extensibleObject
                ou: Elsewhere
                ref: \(target.url)/\(Directory.users)
                """)
        let bases = ["ou=Elsewhere,dc=example,dc=org"]
        let stays = Directory.source([slapd.url, target.url]) { $0.bases = bases }
        #expect(await stays.says("alice", "alice-password") == "unavailable: misconfigured")
        let foreign = Directory.source([slapd.url]) { ($0.bases, $0.followsReferrals) = (bases, true) }
        #expect(await foreign.says("alice", "alice-password") == "unavailable: misconfigured")
        let follows = Directory.source([slapd.url, target.url]) { ($0.bases, $0.followsReferrals) = (bases, true) }
        #expect(await follows.says("alice", "alice-password") == "alice")
        #expect(await follows.says("alice", "wrong") == "wrong-password")
    }

    @Test("A limit of the server's own that hides a second entry is unavailable, not a guess")
    func sizeLimit() async throws {
        let slapd = try await Slapd(configuration: "sizelimit 1")
        let source = Directory.source([slapd.url])
        #expect(await source.says("tweedle", "dee-password") == "unavailable: refused")
        #expect(await source.says("alice", "alice-password") == "alice")
    }

    @Test("Each of 10,000 users is found")
    func many() async throws {
        let users = (0..<10_000).map { i in
            "dn: uid=u\(i),\(Directory.users)\nobjectClass: account\nobjectClass: simpleSecurityObject\nuid: u\(i)\n"
                + "userPassword: p\(i)\n"
        }
        let slapd = try await Slapd(entries: users.joined(separator: "\n"))
        let source = Directory.source([slapd.url])
        for i in stride(from: 0, to: 10_000, by: 997) {
            #expect(await source.says("u\(i)", "p\(i)") == "u\(i)")
            #expect(await source.says("u\(i)", "p\(i + 1)") == "wrong-password")
        }
    }
}
