import Credentials
import Foundation
import TestSupport
import Testing

@testable import Htpasswd

@Suite("The rarer formats")
struct FormatsTests {
    private func check(_ password: String, _ hash: String, plain: Bool = false) throws -> PasswordHash.Check {
        try PasswordHash(Array(hash.utf8), allowPlainText: plain).verify(Secret(password))
    }

    @Test(
        "Vectors of crypt_blowfish: 8-bit characters, the 2x bug, an empty password, 72 bytes",
        arguments: [
            ([0xA3], "$2a$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq"),
            ([0xFF, 0xFF, 0xA3], "$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e"),
            ([0xFF, 0xFF, 0xA3], "$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e"),
            ([], "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"),
            (
                Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
                    + Array("0123456789".utf8), "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"
            ),
        ] as [([UInt8], String)])
    func blowfish(password: [UInt8], hash: String) throws {
        let parsed = try PasswordHash(Array(hash.utf8))
        #expect(parsed.verify(Secret(bytes: password)) == .match)
        #expect(parsed.verify(Secret(bytes: password + [0x21])) == (password.count >= 72 ? .tooLong : .mismatch))
    }

    @Test("Text in the clear is refused, and taken only where the switch allows it")
    func plainText() throws {
        for field in ["secret", "{PLAIN}secret"] {
            #expect(throws: PasswordHash.Defect.self) { try check("secret", field) }
            #expect(try check("secret", field, plain: true) == .match)
            #expect(try check("Secret", field, plain: true) == .mismatch)
        }
        for locked in ["!", "*", "!secret", ""] {
            #expect(throws: PasswordHash.Defect.self) { try check("secret", locked, plain: true) }
        }
    }

    @Test("A hash that is cut short is not taken for text in the clear")
    func cutShort() {
        for field in ["$2y$10$cut", "$6$salt$cut", "{SHA}cut", "{SSHA}AAAA", "{CRYPT}x", "$argon2id$v=19$m=8"] {
            #expect(throws: PasswordHash.Defect.self) { try PasswordHash(Array(field.utf8), allowPlainText: true) }
        }
    }

    @Test("argon2 hashes of the reference program verify", arguments: ["-id", "-i", "-d"])
    func argon2(kind: String) async throws {
        let argon2 = try Program("argon2", package: "argon2")
        let output = try await argon2.run(["somesalt", kind, "-e", "-m", "10", "-t", "2"], input: Data("grapes".utf8))
        let hash = output.standardOutput.trimmingCharacters(in: .newlines)
        #expect(try check("grapes", hash) == .match)
        #expect(try check("grape", hash) == .mismatch)
    }

    @Test(
        "argon2 that is no hash can't be read",
        arguments: [
            "$argon2id$v=19$m=1,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b6dWRWJTmyAJfsr",
            "$argon2id$v=19$m=1024,t=2,p=1000$c29tZXNhbHQ$RdescudvJCsgt3ub+b6dWRWJTmyAJfsr",
            "$argon2id$v=19$m=1024,t=2$c29tZXNhbHQ$RdescudvJCsgt3ub+b6dWRWJTmyAJfsr", "$argon2id$",
            "$argon2id$v=19$m=1024,t=2,p=1$$",
        ])
    func badArgon2(hash: String) {
        #expect(throws: PasswordHash.Defect.self) { try PasswordHash(Array(hash.utf8)) }
    }

    @Test("What passlib writes verifies here, and what is made here verifies in passlib")
    func passlib() async throws {
        let python = try Program("python3", package: "python3-passlib")
        let script = """
            import sys
            from passlib.hash import apr_md5_crypt, bcrypt, ldap_salted_sha1, ldap_sha1, sha256_crypt, sha512_crypt, md5_crypt
            from passlib.hash import des_crypt, bsdi_crypt, argon2
            for scheme in [apr_md5_crypt, bcrypt.using(rounds=4), ldap_salted_sha1, ldap_sha1, sha256_crypt.using(rounds=1000),
                           sha512_crypt.using(rounds=1000), md5_crypt, des_crypt, bsdi_crypt.using(rounds=25), argon2]:
                print(scheme.hash("pässword"))
            """
        let output = try await python.run(["-c", script], environment: ["PYTHONIOENCODING": "utf-8"])
        let hashes = output.standardOutput.split(separator: "\n").map(String.init)
        try #require(hashes.count == 10, "\(output.standardError)")
        for hash in hashes {
            #expect(try check("pässword", hash) == .match, "\(hash)")
            #expect(try check("passwörd", hash) == .mismatch, "\(hash)")
        }
        let folder = try TemporaryFolder()
        let editor = HtpasswdEditor(path: folder.path("f"))
        try editor.set("b", to: PasswordHash(of: Secret("pässword"), method: .bcrypt(cost: 4)))
        try editor.set("s", to: PasswordHash(of: Secret("pässword"), method: .sha512Crypt))
        let check = """
            from passlib.apache import HtpasswdFile
            f = HtpasswdFile("\(folder.path("f"))")
            print([f.check_password(u, p) for u in "bs" for p in ("pässword", "x")])
            """
        let answer = try await python.run(["-c", check])
        #expect(answer.standardOutput == "[True, False, True, False]\n", "\(answer.standardError)")
    }
}

@Suite("Group files")
struct HtpasswdGroupsTests {
    @Test("Users have the groups whose lines name them, once each, in the order of the file")
    func read() {
        let groups = HtpasswdGroups(
            bytes: Array(
                "# comment: amy\nadmins: amy bob\r\n\nstaff:amy\tcarl\nadmins: amy dora\nno colon\n: amy\n".utf8))
        #expect(groups.groups(of: "amy") == ["admins", "staff"])
        #expect(groups.groups(of: "dora") == ["admins"] && groups.groups(of: "carl") == ["staff"])
        #expect(groups.groups(of: "zoe").isEmpty && groups.groups(of: "").isEmpty)
    }
}
