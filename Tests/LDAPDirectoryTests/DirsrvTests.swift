import Credentials
import LDAPDirectory
import TestSupport
import Testing

@Suite("Against 389 Directory Server", .serialized)
struct DirsrvTests {
    private static func person(_ name: String, _ more: String = "") -> String {
        """

        dn: uid=\(name),ou=Users,dc=example,dc=org
        changetype: add
        objectClass: inetOrgPerson
        uid: \(name)
        cn: \(name)
        sn: \(name)
        mail: \(name)@example.org
        userPassword: \(name)-password
        \(more)

        """
    }

    private static let entries =
        """
        dn: dc=example,dc=org
        changetype: add
        objectClass: domain
        dc: example
        aci: (targetattr="*")(version 3.0; acl "all"; allow (read,search,compare) userdn="ldap:///anyone";)

        dn: ou=Users,dc=example,dc=org
        changetype: add
        objectClass: organizationalUnit
        ou: Users

        """ + person("alice") + person("locked", "nsAccountLock: true") + person("guessed")
            + """

            dn: cn=team,dc=example,dc=org
            changetype: add
            objectClass: groupOfUniqueNames
            cn: team
            uniqueMember: uid=alice,ou=Users,dc=example,dc=org

            dn: cn=config
            changetype: modify
            replace: passwordLockout
            passwordLockout: on
            -
            replace: passwordMaxFailure
            passwordMaxFailure: 3

            """

    @Test(
        "A login with groups, an account with nsAccountLock, and one that failures have locked",
        .enabled(if: Dirsrv.canRun, "389-ds's tools need root"))
    func everything() async throws { try await alone { try await everythingTold() } }

    private func everythingTold() async throws {
        let dirsrv = try await Dirsrv(entries: Self.entries)
        let source = Directory.source([dirsrv.url]) {
            $0.serviceAccount = .init(bindDN: "cn=Directory Manager", password: Secret("root-password"))
            $0.groups.search = .init(baseDN: "dc=example,dc=org", members: [.member, .uniqueMember])
        }
        #expect(await source.says("ALICE", "alice-password") == "alice")
        #expect(await source.groups("alice", "alice-password") == ["team"])
        #expect(await source.says("alice", "wrong") == "wrong-password")
        #expect(await source.says("nobody", "x") == "unknown")
        #expect(await source.says("locked", "locked-password") == "account-disabled")
        #expect(await source.finds("locked") == "disabled")
        #expect(await source.finds("alice") == "alice")

        // As the entry itself does not show it to everybody, the server's own answer says the same.
        let anonymous = Directory.source([dirsrv.url]) {
            $0.serviceAccount = nil
            $0.filter = "(&(uid={user})(cn=*))"
        }
        #expect(await anonymous.says("locked", "locked-password") == "account-disabled")

        for i in 0..<3 { _ = await source.says("guessed", "wrong\(i)") }
        #expect(await source.says("guessed", "guessed-password") == "account-locked")
        #expect(await source.finds("guessed") == "guessed")
    }
}
