import Credentials
import Testing

@testable import LDAPDirectory

@Suite("Names of people and entries")
struct NamesTests {
    private func options(_ change: (inout DirectoryOptions) -> Void) -> DirectoryOptions {
        var options = DirectoryOptions(urls: [], baseDN: "dc=x")
        change(&options)
        return options
    }

    @Test("Active Directory's three forms of a name each get their filter, and foreign domains none")
    func activeDirectory() {
        let options = options {
            $0.activeDirectory = .init(domains: ["EXAMPLE"])
            $0.userAttribute = "sAMAccountName"
        }
        #expect(UserQuery("alice", options) == .filter("(sAMAccountName=alice)"))
        #expect(UserQuery("alice@example.org", options) == .filter("(userPrincipalName=alice@example.org)"))
        #expect(UserQuery("example\\alice", options) == .filter("(sAMAccountName=alice)"))
        for name in ["OTHER\\alice", "EXAMPLE\\", "\\alice"] { #expect(UserQuery(UserName(name), options) == .nobody) }
        #expect(UserQuery("EXAMPLE\\a)(b=*", options) == .filter("(sAMAccountName=a\\29\\28b=\\2a)"))
    }

    @Test("A whole filter and a template take the name in, escaped as each needs")
    func placeholders() {
        let filter = options { $0.filter = "(|(uid={user})(mail={user}))" }
        #expect(UserQuery("a*", filter) == .filter("(|(uid=a\\2a)(mail=a\\2a))"))
        let template = options { $0.bindDNTemplate = "uid={user},dc=x" }
        #expect(UserQuery("a,dc=y+b=\"c\"", template) == .name("uid=a\\,dc\\=y\\+b\\=\\\"c\\\",dc=x"))
        #expect(UserQuery(" #a ", template) == .name("uid=\\20#a\\20,dc=x"))
        #expect(UserQuery("#é", template) == .name("uid=\\23\\c3\\a9,dc=x"))
    }

    @Test("Active Directory's sub-codes become reasons, and other messages none")
    func subCodes() {
        for (code, reason) in [
            ("525", RefusalReason.unknownUser), ("52e", .wrongPassword), ("52E", .wrongPassword),
            ("530", .loginNotAllowedNow), ("531", .loginNotAllowedNow), ("532", .passwordExpired),
            ("533", .accountDisabled), ("701", .accountExpired), ("773", .passwordMustChange), ("775", .accountLocked),
        ] {
            let message = "80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data \(code), v2580"
            #expect(ActiveDirectoryReason.read(message) == reason)
        }
        for message in ["", "data", "data 52e x", "Invalid credentials", "the data 52e", ", data 999,"] {
            #expect(ActiveDirectoryReason.read(message) == nil, "\(message)")
        }
    }

    @Test("A referral is one of ours only if host and port are")
    func referrals() throws {
        let target = try #require(ReferralTarget("ldap://Dir.example.org/ou=A%20B,dc=x??sub"))
        #expect(target.base == "ou=A B,dc=x")
        #expect(target.isServed(by: "ldap://dir.example.org:389") && target.isServed(by: "ldap://dir.example.org"))
        #expect(!target.isServed(by: "ldaps://dir.example.org") && !target.isServed(by: "ldap://dir.example.org:3890"))
        for text in ["", "http://x/", "ldap:///dc=x", "ldap://"] { #expect(ReferralTarget(text) == nil) }
    }

    @Test("An entry's attributes tell a disabled and an expired account, and a temporary lock is neither")
    func accounts() {
        func refusal(_ attribute: String, _ value: String) -> RefusalReason? {
            AccountState.refusal(of: .init(name: "cn=a", values: [attribute.lowercased(): [value]]))
        }
        #expect(refusal("userAccountControl", "512") == nil && refusal("userAccountControl", "514") == .accountDisabled)
        #expect(refusal("userAccountControl", "66050") == .accountDisabled)
        #expect(refusal("accountExpires", "0") == nil && refusal("accountExpires", "9223372036854775807") == nil)
        #expect(refusal("accountExpires", "132223104000000000") == .accountExpired, "2020")
        #expect(refusal("accountExpires", "157766880000000000") == nil, "2100")
        #expect(refusal("nsAccountLock", "TRUE") == .accountDisabled && refusal("nsAccountLock", "false") == nil)
        #expect(refusal("pwdAccountLockedTime", "000001010000Z") == .accountDisabled)
        #expect(refusal("pwdAccountLockedTime", "20260101000000Z") == nil)
        #expect(refusal("shadowExpire", "1") == .accountExpired && refusal("shadowExpire", "-1") == nil)
        for value in ["", "x", "99999999999999999999"] {
            #expect(refusal("accountExpires", value) == nil && refusal("userAccountControl", value) == nil)
        }
    }
}
