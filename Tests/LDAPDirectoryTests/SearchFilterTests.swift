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

@Suite("Distinguished names")
struct DistinguishedNameTests {
    @Test(
        "The short name of a group is the value of its first RDN",
        arguments: [
            ("cn=admins,ou=Groups,dc=example,dc=org", "admins"), ("CN = Domain Admins ,DC=x", "Domain Admins"),
            ("cn=a\\, b,dc=x", "a, b"), ("cn=a\\2Cb,dc=x", "a,b"), ("cn=Jos\\C3\\A9,dc=x", "José"),
            ("cn=one+uid=2,dc=x", "one"), ("cn=end\\ ,dc=x", "end "), ("plain", "plain"), ("cn=", "cn="),
            ("cn=x\\", "x\\"),
        ])
    func shortName(name: String, short: String) {
        #expect(DistinguishedName.shortName(of: name) == short)
    }

    @Test("No random text makes it crash or gives an empty name")
    func random() {
        let pieces = ["cn=", "\\", ",", "+", " ", "2C", "é", "=", "x", ";"]
        for _ in 0..<1000 {
            let text = "c" + (0..<Int.random(in: 0...12)).map { _ in pieces.randomElement() ?? "" }.joined()
            #expect(!DistinguishedName.shortName(of: text).isEmpty)
        }
    }
}
