import Credentials
import LDAPDirectory
import TestSupport
import Testing

@Suite("Groups of a directory", .serialized)
struct GroupTests {
    /// bob is in "inner", that is in "middle", that is in "outer", that is in "inner" again; and in groups of other kinds.
    private static let entries = """
        dn: uid=bob,ou=Users,dc=example,dc=org
        objectClass: inetOrgPerson
        objectClass: posixAccount
        uid: bob
        cn: Bob
        sn: Bob
        uidNumber: 1000
        gidNumber: 500
        homeDirectory: /
        userPassword: bob-password

        dn: cn=inner,ou=Groups,dc=example,dc=org
        objectClass: groupOfNames
        cn: inner
        member: uid=bob,ou=Users,dc=example,dc=org
        member: cn=outer,ou=Groups,dc=example,dc=org

        dn: cn=middle,ou=Groups,dc=example,dc=org
        objectClass: groupOfNames
        cn: middle
        member: cn=inner,ou=Groups,dc=example,dc=org

        dn: cn=outer,ou=Groups,dc=example,dc=org
        objectClass: groupOfNames
        cn: outer
        member: cn=middle,ou=Groups,dc=example,dc=org

        dn: cn=unique,ou=Groups,dc=example,dc=org
        objectClass: groupOfUniqueNames
        cn: unique
        uniqueMember: uid=bob,ou=Users,dc=example,dc=org

        dn: cn=posix,ou=Groups,dc=example,dc=org
        objectClass: posixGroup
        cn: posix
        gidNumber: 700
        memberUid: bob

        dn: cn=primary,ou=Groups,dc=example,dc=org
        objectClass: posixGroup
        cn: primary
        gidNumber: 500
        """

    private func source(_ slapd: Slapd, _ change: (inout GroupOptions) -> Void) -> DirectorySource {
        Directory.source([slapd.url]) { options in
            options.groups.search = .init(baseDN: Directory.groups)
            change(&options.groups)
        }
    }

    @Test("Each kind of group is found by the attribute that names its members")
    func kinds() async throws {
        let slapd = try await Slapd(entries: Self.entries)
        for (members, expected) in [
            ([.member], ["inner"]), ([.uniqueMember], ["unique"]), ([.memberUid], ["posix"]),
            ([.gidNumber], ["primary"]),
            (GroupOptions.Search.Member.allCases, ["inner", "posix", "primary", "unique"]),
        ] as [([GroupOptions.Search.Member], [String])] {
            let source = source(slapd) { $0.search?.members = members }
            #expect(await source.groups("bob", "bob-password") == expected)
        }
        let filtered = source(slapd) {
            $0.search?.members = GroupOptions.Search.Member.allCases
            $0.search?.filter = "objectClass=posixGroup"
        }
        #expect(await filtered.groups("bob", "bob-password") == ["posix", "primary"])
    }

    @Test("Groups within groups are walked up, circles end, and so do the levels that are allowed")
    func nested() async throws {
        let slapd = try await Slapd(entries: Self.entries)
        let all = source(slapd) { $0.nesting = .walk(levels: 10) }
        #expect(await all.groups("bob", "bob-password") == ["inner", "middle", "outer"])
        let one = source(slapd) { $0.nesting = .walk(levels: 1) }
        #expect(await one.groups("bob", "bob-password") == ["inner", "middle"])
        #expect(await source(slapd) { _ in }.groups("bob", "bob-password") == ["inner"])
    }

    @Test(
        "The groups that the configuration names come first: where there is no room for all, they are the ones that matter"
    )
    func order() async throws {
        let slapd = try await Slapd(entries: Self.entries)
        let source = source(slapd) {
            $0.nesting = .walk(levels: 10)
            $0.names = ["CN=Outer, ou=groups,dc=example,dc=org": "ours"]
            $0.required = ["middle"]
        }
        guard
            case .authenticated(let principal) = await source.judge(
                .init(userName: "bob", secret: Secret("bob-password")))
        else {
            Issue.record("not authenticated")
            return
        }
        #expect(principal.groups.map(\.name) == ["middle", "ours", "inner"])
    }

    @Test("Only members of a required group log in and keep their keys, nested membership and either name count")
    func required() async throws {
        let slapd = try await Slapd(entries: Self.entries)
        for required in ["outer", "CN=outer,ou=Groups,dc=example,dc=org"] {
            let source = source(slapd) { ($0.nesting, $0.required) = (.walk(levels: 10), [GroupName(required)]) }
            #expect(await source.says("bob", "bob-password") == "bob")
            #expect(await source.says("alice", "alice-password") == "not-in-required-group")
            #expect(await source.says("alice", "wrong") == "wrong-password")
            #expect(await source.finds("bob") == "bob")
            #expect(await source.finds("alice") == "disabled")
        }
    }

    @Test("A name map gives groups the short names of the operator's choice, in whichever way they were found")
    func names() async throws {
        let slapd = try await Slapd(entries: Self.entries)
        let source = source(slapd) {
            $0.attribute = "memberOf"
            $0.names = [
                "cn=INNER,ou=Groups,dc=example,dc=org": "insiders",
                "cn=developers\\, backend,ou=Groups,dc=example,dc=org": "backend",
            ]
        }
        #expect(await source.groups("bob", "bob-password") == ["insiders"])
        #expect(await source.groups("alice", "alice-password") == ["admins", "backend"], "each group once")
    }

    @Test("memberOf that the dynlist overlay works out is read like any other")
    func dynamic() async throws {
        let slapd = try await Slapd(
            configuration: """
                overlay dynlist
                dynlist-attrset groupOfURLs memberURL member+memberOf@groupOfNames
                """,
            entries: Self.entries + """


                dn: cn=everybody,ou=Groups,dc=example,dc=org
                objectClass: groupOfURLs
                cn: everybody
                memberURL: ldap:///ou=Users,dc=example,dc=org??sub?(objectClass=posixAccount)
                """)
        let source = Directory.source([slapd.url]) { $0.groups.attribute = "memberOf" }
        #expect(await source.groups("bob", "bob-password") == ["everybody", "inner"])
    }

    @Test("A user of 5,000 groups has them all")
    func many() async throws {
        let names = (0..<5000).map { "cn=g\($0),ou=Groups,dc=example,dc=org" }
        let slapd = try await Slapd(
            entries: """
                dn: uid=joiner,ou=Users,dc=example,dc=org
                objectClass: inetOrgPerson
                uid: joiner
                cn: Joiner
                sn: Joiner
                userPassword: joiner-password
                \(names.map { "memberOf: \($0)" }.joined(separator: "\n"))
                """)
        let source = Directory.source([slapd.url]) { $0.groups.attribute = "memberOf" }
        #expect(await source.groups("joiner", "joiner-password").count == 5000)
    }
}
