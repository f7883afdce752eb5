import Foundation
import TestSupport
import Testing

@Suite("Keys and the people behind the names, in real directories", .serialized)
struct IdentityTests {
    /// A directory with a person in it, and what befalls them: LDIF for each step.
    private struct Story {
        var url: String
        var bindDN: String
        var bindPassword: String
        /// The keys of `http.auth.ldap` beside the server's.
        var settings: String
        var name: String
        var password: String
        /// The person is called `renamed` now.
        var rename: String
        var renamed: String
        /// Their entry lies elsewhere below the base.
        var move: String
        var delete: String
        /// Somebody else gets the name, with the password `stranger-Passw0rd`.
        var recreate: String
    }

    private func change(_ ldif: String, _ story: Story) async throws {
        let modify = try Program("ldapmodify", package: "ldap-utils")
        let output = try await modify.run(
            ["-x", "-H", story.url, "-D", story.bindDN, "-w", story.bindPassword], input: Data(ldif.utf8))
        try #require(output.status == 0, "\(output) \(ldif)")
    }

    private func tell(_ story: Story) async throws {
        let server = try await Latchkey(
            auth: """
                ldap: { urls: ['\(story.url)'], \(story.settings), subtreeSearch: true, bindDN: '\(story.bindDN)', \
                bindPassword: \(story.bindPassword), operationTimeout: 20, loginDeadline: 30 }, apikey: true, \
                ownerCheck: { interval: 200ms }, cache: { lifetime: 0 }, throttle: { enabled: false }
                """)
        let (key, id) = try await server.createKey("\(story.name):\(story.password)", #"{"label": "hers"}"#)
        func status(_ name: String, _ secret: String) async throws -> String {
            try await server.curl("/v2/", "-u", "\(name):\(secret)").status
        }
        func list(_ name: String, _ secret: String) async throws -> String {
            try await server.curl("/zot/auth/apikey", "-u", "\(name):\(secret)").body
        }
        #expect(try await status(story.name, key) == "200")

        try await change(story.rename, story)
        try await eventually("the renamed person's key works under the new name") {
            try await status(story.renamed, key) == "200"
        }
        try await eventually("the old name is nobody's") { try await status(story.name, key) == "401" }
        #expect(try await list(story.renamed, story.password).contains(id))

        try await change(story.move, story)
        // Longer than the interval: the directory has been asked again.
        let moved = ContinuousClock.now
        try await eventually("the interval is over") { ContinuousClock.now - moved > .milliseconds(300) }
        #expect(try await status(story.renamed, key) == "200")
        #expect(try await list(story.renamed, key).contains(id))

        try await change(story.delete, story)
        try await eventually("the key of somebody who is gone is refused") {
            try await status(story.renamed, key) == "401"
        }
        try await change(story.recreate, story)
        #expect(try await status(story.renamed, "stranger-Passw0rd") == "200")
        #expect(try await status(story.renamed, key) == "401")
        let strangers = try await list(story.renamed, "stranger-Passw0rd")
        #expect(strangers == #"{"apiKeys":[]}"#, "a recycled name shows nothing of who had it before")
        let revoked = try await server.curl(
            "/zot/auth/apikey?id=\(id)", "-u", "\(story.renamed):stranger-Passw0rd", "-X", "DELETE")
        #expect(revoked.status == "404")
        let (other, _) = try await server.createKey("\(story.renamed):stranger-Passw0rd")
        #expect(try await status(story.renamed, other) == "200")
        #expect(try await status(story.renamed, key) == "401", "not for having a key of their own either")
    }

    private static func person(_ dn: String, _ name: String, password: String) -> String {
        """
        dn: \(dn)
        changetype: add
        objectClass: inetOrgPerson
        uid: \(name)
        cn: \(name)
        sn: \(name)
        userPassword: \(password)

        """
    }

    @Test("OpenLDAP, by entryUUID: renamed, moved, deleted, and the name given to somebody else")
    func openLDAP() async throws {
        let slapd = try await Slapd()
        let users = "ou=Users,dc=example,dc=org"
        try await tell(
            Story(
                url: slapd.url, bindDN: "cn=root,dc=example,dc=org", bindPassword: "root-password",
                settings: "baseDN: '\(users)', startTLS: false, insecure: true", name: "alice",
                password: "alice-password",
                rename: "dn: uid=alice,\(users)\nchangetype: modrdn\nnewrdn: uid=agnes\ndeleteoldrdn: 1\n",
                renamed: "agnes",
                move:
                    "dn: uid=agnes,\(users)\nchangetype: modrdn\nnewrdn: uid=agnes\ndeleteoldrdn: 0\nnewsuperior: ou=Guests,\(users)\n",
                delete: "dn: uid=agnes,ou=Guests,\(users)\nchangetype: delete\n",
                recreate: Self.person("uid=agnes,\(users)", "agnes", password: "stranger-Passw0rd")))
    }

    @Test("389 Directory Server, by nsUniqueId", .enabled(if: Dirsrv.canRun, "389-ds's tools need root"))
    func dirsrv() async throws { try await alone { try await dirsrvTold() } }

    private func dirsrvTold() async throws {
        let users = "ou=Users,dc=example,dc=org"
        let dirsrv = try await Dirsrv(
            entries: """
                dn: dc=example,dc=org
                changetype: add
                objectClass: domain
                dc: example
                aci: (targetattr="*")(version 3.0; acl "all"; allow (read,search,compare) userdn="ldap:///anyone";)

                dn: \(users)
                changetype: add
                objectClass: organizationalUnit
                ou: Users

                dn: ou=Guests,\(users)
                changetype: add
                objectClass: organizationalUnit
                ou: Guests

                \(Self.person("uid=alice,\(users)", "alice", password: "alice-password"))
                """)
        try await tell(
            Story(
                url: dirsrv.url, bindDN: "cn=Directory Manager", bindPassword: "root-password",
                settings: "baseDN: '\(users)', insecure: true", name: "alice", password: "alice-password",
                rename: "dn: uid=alice,\(users)\nchangetype: modrdn\nnewrdn: uid=agnes\ndeleteoldrdn: 1\n",
                renamed: "agnes",
                move:
                    "dn: uid=agnes,\(users)\nchangetype: modrdn\nnewrdn: uid=agnes\ndeleteoldrdn: 0\nnewsuperior: ou=Guests,\(users)\n",
                delete: "dn: uid=agnes,ou=Guests,\(users)\nchangetype: delete\n",
                recreate: Self.person("uid=agnes,\(users)", "agnes", password: "stranger-Passw0rd")))
    }

    @Test(
        "Active Directory, as Samba has it, by objectGUID", .enabled(if: Samba.canRun, "a domain controller needs root")
    )
    func activeDirectory() async throws { try await alone { try await activeDirectoryTold() } }

    private func activeDirectoryTold() async throws {
        let samba = try await Samba(address: "127.0.0.78")
        let base = "DC=ad,DC=example,DC=org"
        let password = Data("\"stranger-Passw0rd\"".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })
            .base64EncodedString()
        try await tell(
            Story(
                url: samba.url, bindDN: "Administrator@ad.example.org", bindPassword: "Adm1n-password",
                settings: "baseDN: '\(base)', insecure: true, activeDirectory: true, referrals: false",
                name: "alice", password: "Alice-Passw0rd",
                rename:
                    "dn: CN=Alice,CN=Users,\(base)\nchangetype: modify\nreplace: sAMAccountName\nsAMAccountName: agnes\n",
                renamed: "agnes",
                move:
                    "dn: CN=Alice,CN=Users,\(base)\nchangetype: modrdn\nnewrdn: CN=Agnes\ndeleteoldrdn: 1\nnewsuperior: OU=Domain Controllers,\(base)\n",
                delete: "dn: CN=Agnes,OU=Domain Controllers,\(base)\nchangetype: delete\n",
                recreate: """
                    dn: CN=Agnes,CN=Users,\(base)
                    changetype: add
                    objectClass: user
                    sAMAccountName: agnes
                    userAccountControl: 512
                    unicodePwd:: \(password)

                    """))
    }
}
