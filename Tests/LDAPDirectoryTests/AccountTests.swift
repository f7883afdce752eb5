import Credentials
import LDAPDirectory
import TestSupport
import Testing

@testable import LDAPDirectory

@Suite("Accounts that may not log in, against slapd's password policy", .serialized)
struct AccountTests {
    private static let configuration = """
        overlay ppolicy
        ppolicy_default "cn=default,dc=example,dc=org"
        ppolicy_use_lockout
        """

    private static let entries = """
        dn: cn=default,dc=example,dc=org
        objectClass: device
        objectClass: pwdPolicy
        cn: default
        pwdAttribute: userPassword
        pwdLockout: TRUE
        pwdMaxFailure: 3
        pwdFailureCountInterval: 0
        pwdMustChange: TRUE
        pwdMaxAge: 100000000

        """
        + ["expired", "reset", "barred", "guarded"].map { name in
            """

            dn: uid=\(name),ou=Users,dc=example,dc=org
            objectClass: inetOrgPerson
            uid: \(name)
            cn: \(name)
            sn: \(name)
            userPassword: \(name)-password
            \(operational[name].map { $0 + "\n" } ?? "")
            """
        }.joined()

    private static let operational = [
        "expired": "pwdChangedTime: 20100101000000Z", "reset": "pwdReset: TRUE",
        "barred": "pwdAccountLockedTime: 000001010000Z",
    ]

    private func slapd() async throws -> Slapd {
        try await Slapd(configuration: Self.configuration, entries: Self.entries)
    }

    /// How many failures slapd has counted for a user.
    private func failures(_ slapd: Slapd, _ user: String) throws -> Int {
        let deadline = Deadline(in: .seconds(5))
        let options = DirectoryOptions(urls: [slapd.url], baseDN: "")
        let connection = try LDAPConnection(slapd.url, options, .init(options), deadline)
        _ = try connection.bind("cn=root,dc=example,dc=org", Secret("root-password"), deadline)
        let request = SearchRequest(base: "uid=\(user),ou=Users,dc=example,dc=org", attributes: ["pwdFailureTime"])
        return try connection.search(request, deadline).first?.values["pwdfailuretime"]?.count ?? 0
    }

    @Test("An expired password, one that must be changed, and a barred account each are their own reason")
    func reasons() async throws {
        let slapd = try await slapd()
        let source = Directory.source([slapd.url])
        #expect(await source.says("alice", "alice-password") == "alice")
        #expect(await source.says("expired", "expired-password") == "password-expired")
        #expect(await source.says("expired", "wrong") == "wrong-password")
        #expect(await source.says("reset", "reset-password") == "password-must-change")
        #expect(await source.says("barred", "barred-password") == "account-disabled")
        #expect(await source.finds("barred") == "disabled")
        #expect(await source.finds("expired") == "expired", "keys outlive a password")
    }

    @Test("An account that failures have locked is told apart in the log, and keeps its keys")
    func locked() async throws {
        let slapd = try await slapd()
        let source = Directory.source([slapd.url])
        for i in 0..<3 { #expect(await source.says("alice", "wrong\(i)") == "wrong-password") }
        #expect(await source.says("alice", "alice-password") == "account-locked")
        #expect(await source.finds("alice") == "alice")
    }

    @Test("With a lockout guard nobody's account is locked through us, however many guess at once")
    func lockoutGuard() async throws {
        let slapd = try await slapd()
        let source = Directory.source([slapd.url]) { $0.lockoutGuard = 2 }
        await withTaskGroup(of: String.self) { group in
            for i in 0..<50 { group.addTask { await source.says("guarded", "wrong\(i)") } }
            var answers: [String: Int] = [:]
            for await answer in group { answers[answer, default: 0] += 1 }
            #expect(answers == ["wrong-password": 2, "lockout-guard": 48])
        }
        #expect(try failures(slapd, "guarded") == 2)
        #expect(await source.says("guarded", "guarded-password") == "lockout-guard")
        let elsewhere = Directory.source([slapd.url])
        #expect(await elsewhere.says("guarded", "guarded-password") == "guarded", "the directory has not locked it")
    }

    @Test("A success forgives the failures that the guard has counted, and so does time")
    func forgiveness() async throws {
        let slapd = try await slapd()
        let source = Directory.source([slapd.url]) { ($0.lockoutGuard, $0.lockoutWindow) = (2, .seconds(2)) }
        for round in 0..<3 {
            #expect(await source.says("guarded", "wrong\(round)") == "wrong-password")
            #expect(await source.says("guarded", "guarded-password") == "guarded")
        }
        for i in 0..<2 { #expect(await source.says("guarded", "bad\(i)") == "wrong-password") }
        #expect(await source.says("guarded", "bad3") == "lockout-guard")
        try await eventually("the window is over") { await source.says("guarded", "guarded-password") == "guarded" }
    }

    @Test("A wrong password reaches one server, once")
    func once() async throws {
        let (first, second) = (try await slapd(), try await slapd())
        let source = Directory.source([first.url, second.url])
        #expect(await source.says("guarded", "wrong") == "wrong-password")
        #expect(await source.says("guarded", "wrong") == "wrong-password", "from memory")
        #expect(try failures(first, "guarded") + failures(second, "guarded") == 1)
    }
}
