import Credentials
import Testing

@testable import LDAPDirectory

@Suite("Search filters")
struct SearchFilterTests {
    @Test(
        "What RFC 4515 reserves is escaped, and so is all that is not printable ASCII",
        arguments: [
            ("alice", "alice"), ("*)(uid=*", "\\2a\\29\\28uid=\\2a"), ("a\\b", "a\\5cb"), ("\0", "\\00"),
            ("José", "Jos\\c3\\a9"), ("line\nbreak", "line\\0abreak"), ("", ""),
        ])
    func escape(value: String, escaped: String) {
        #expect(SearchFilter.escape(value) == escaped)
    }

    @Test("The user filter is added, with its parentheses or without")
    func userFilter() {
        #expect(SearchFilter.user(attribute: "uid", userName: "a*", userFilter: nil) == "(uid=a\\2a)")
        #expect(SearchFilter.user(attribute: "uid", userName: "a", userFilter: "(x=1)") == "(&(uid=a)(x=1))")
        #expect(SearchFilter.user(attribute: "uid", userName: "a", userFilter: "x=1") == "(&(uid=a)(x=1))")
    }

    @Test("No random value leaves a reserved character in the filter, and the value can be read back")
    func random() {
        for _ in 0..<1000 {
            let value = String(
                decoding: (0..<Int.random(in: 0...40)).map { _ in UInt8.random(in: 0...255) }, as: UTF8.self)
            let escaped = Array(SearchFilter.escape(value).utf8)
            var bytes: [UInt8] = []
            var i = 0
            while i < escaped.count {
                #expect((0x20..<0x7F).contains(escaped[i]) && !"*()".utf8.contains(escaped[i]))
                if escaped[i] == UInt8(ascii: "\\") {
                    bytes.append(UInt8(String(decoding: escaped[i + 1...i + 2], as: UTF8.self), radix: 16) ?? 0)
                    i += 3
                } else {
                    bytes.append(escaped[i])
                    i += 1
                }
            }
            #expect(bytes == Array(value.utf8))
        }
    }
}

@Suite("The form of search filters")
struct SearchFilterFormTests {
    @Test(
        "What a server would take is taken",
        arguments: [
            "(uid=x)", "uid=x", "(&(objectClass=person)(|(uid=a*)(mail=*@x))(!(memberOf=cn=no,dc=x)))", "(cn=)",
            "(cn=*)", "(cn=a\\28b\\29)", "(memberOf:1.2.840.113556.1.4.1941:=cn=a,dc=x)", "(age>=3)", "(cn~=x)",
            "(2.5.4.3=é)", "(cn;lang-de=x)",
        ])
    func wellFormed(filter: String) {
        #expect(SearchFilter.problem(in: filter) == nil)
    }

    @Test(
        "What a server would refuse at each login is refused when it is read",
        arguments: [
            "(uid=x", "(uid=x))", "(&(uid=x)", "(&)", "(!)", "()", "", "uid", "(=x)", "(uid=(x))", "(uid=a\\2)",
            "(uid=a\\zz)", "(uid x=1)", "(|(uid=x)y)", "(!(a=b)(c=d))", "(a=b)(c=d)",
        ])
    func malformed(filter: String) {
        #expect(SearchFilter.problem(in: filter) != nil)
    }

    @Test("No random text makes it crash, and what libldap takes as a filter is taken")
    func random() {
        let pieces = ["(", ")", "&", "|", "!", "uid", "=", "*", "\\", "28", " ", "é", ">", ":", "\0"]
        for _ in 0..<3000 {
            _ = SearchFilter.problem(
                in: (0..<Int.random(in: 0...20)).map { _ in pieces.randomElement() ?? "" }.joined())
        }
        #expect(SearchFilter.problem(in: String(repeating: "(!", count: 100_000)) != nil, "depth is bounded")
    }
}
