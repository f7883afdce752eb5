import Testing

@testable import Credentials

@Suite("Distinguished names")
struct DistinguishedNameTests {
    @Test(
        "The short name of a group is the value of its first RDN",
        arguments: [
            ("cn=admins,ou=Groups,dc=example,dc=org", "admins"), ("CN = Domain Admins ,DC=x", "Domain Admins"),
            ("cn=a\\, b,dc=x", "a, b"), ("cn=a\\2Cb,dc=x", "a,b"), ("cn=Jos\\C3\\A9,dc=x", "José"),
            ("cn=one+uid=2,dc=x", "one"), ("cn=end\\ ,dc=x", "end "), ("plain", "plain"), ("cn=", "cn="),
            ("cn=x\\", "cn=x\\"), ("cn=\"a, b\",dc=x", "a, b"), ("cn=#0c0161,dc=x", "a"),
        ])
    func shortName(name: String, short: String) {
        #expect(DistinguishedName.shortName(of: name) == short)
    }

    @Test(
        "Spellings of one name are equal: case, spaces, escapes, hexadecimal values, OIDs, the order within an RDN",
        arguments: [
            ("CN=Registry Pushers, OU=groups,DC=Example,DC=org", "cn=registry pushers,ou=groups,dc=example,dc=org"),
            ("cn=Ops\\, North,ou=groups,dc=x", "cn=Ops\\2C North,ou=groups,dc=x"),
            ("cn=Ops\\, North,dc=x", "CN=\"ops, north\" ; DC=x"),
            ("2.5.4.3=a,0.9.2342.19200300.100.1.25=x", "cn=a,dc=x"),
            ("OID.2.5.4.11=a,dc=x", "ou=a,dc=x"), ("commonName=a,domainComponent=x", "cn=a,dc=x"),
            ("cn=#0C0161,dc=x", "cn=a,dc=x"), ("cn=#04024142,dc=x", "cn=ab,dc=x"),
            ("cn=a+uid=b,dc=x", "uid=B+cn=A,dc=x"),
            ("cn=two  spaces,dc=x", "cn=two spaces,dc=x"), ("cn=\\20a,dc=x", "cn=a,dc=x"),
            ("cn=ＡＤＭＩＮＳ,dc=x", "cn=admins,dc=x"),
            ("cn=ÉTÉ,dc=x", "cn=e\u{301}te\u{301},dc=x"), ("cn=Jos\\c3\\a9,dc=x", "cn=josé,dc=x"),
        ])
    func equal(one: String, other: String) throws {
        #expect(try #require(DistinguishedName(one)) == #require(DistinguishedName(other)))
        #expect(DistinguishedName.comparable(one) == DistinguishedName.comparable(other))
        #expect(Group(name: "g", distinguishedName: one).matches(GroupName(other)))
    }

    @Test(
        "Different names are not",
        arguments: [
            "cn=a,b=c,ou=Groups,dc=x", "cn=a\\, b+ou=Groups,dc=x", "cn=a\\, b,ou=Groups",
            "cn=a\\, b,ou=Groups,dc=x,dc=x",
            "ou=a\\, b,ou=Groups,dc=x", "cn=a\\, b\\,ou=Groups,dc=x", "cn=admıns,dc=x",
        ])
    func different(other: String) throws {
        #expect(try #require(DistinguishedName(other)) != #require(DistinguishedName("cn=a\\, b,ou=Groups,dc=x")))
        #expect(DistinguishedName(other) != DistinguishedName("cn=admins,dc=x"))
    }

    @Test(
        "What is no distinguished name is none",
        arguments: [
            "", "a", "admins", "=a", "cn", "cn=a,", ",cn=a", "cn=a,b", "cn=a\\", "cn=\"a", "c n=a", "cn=#", "cn=#zz",
            "cn=#0",
        ])
    func none(text: String) {
        #expect(DistinguishedName(text) == nil)
        #expect(DistinguishedName.comparable(text) == StringPreparation.caseIgnore(text))
    }

    @Test("Whatever a value holds, its escaped form is one RDN, and reads back as the value")
    func property() throws {
        let letters = Array(" ,+\"\\<>;=#ab\u{0}é🗝\n")
        for _ in 0..<2000 {
            let value = String((0..<Int.random(in: 1...8)).map { _ in letters.randomElement() ?? "a" })
            let name = try #require(DistinguishedName("cn=\(DistinguishedName.escape(value)),dc=x"))
            #expect(name.firstValue == value && name.firstAttribute == "cn")
            #expect(name.canonical.hasSuffix("\0dc=x") && name.canonical.split(separator: "\0").count == 2)
        }
    }

    @Test("No random text makes it crash or gives an empty short name")
    func random() {
        let pieces = ["cn=", "\\", ",", "+", " ", "2C", "é", "=", "x", ";", "#", "\"", "04"]
        for _ in 0..<3000 {
            let text = "c" + (0..<Int.random(in: 0...12)).map { _ in pieces.randomElement() ?? "" }.joined()
            #expect(!DistinguishedName.shortName(of: text).isEmpty)
            if let name = DistinguishedName(text) { #expect(name == DistinguishedName(name.text)) }
        }
    }
}

@Suite("Groups that operators name")
struct GroupTests {
    @Test("A directory's group is meant by its short name without regard to case, a file's by its exact name")
    func shortNames() {
        let directory = Group(name: "Admins", distinguishedName: "cn=Admins,dc=x")
        let file = Group(name: "Admins")
        for name in ["Admins", "admins", "ADMINS"] { #expect(directory.matches(GroupName(name)), "\(name)") }
        #expect(file.matches("Admins") && !file.matches("admins"))
        #expect(!directory.matches("admin") && !directory.matches("cn=admins") && !file.matches("cn=Admins,dc=x"))
    }
}

@Suite("Text as a directory compares it")
struct StringPreparationTests {
    @Test(
        "Case, spaces, compatibility forms and what nobody sees make no difference",
        arguments: ["INES", " ines", "ines ", "iNes", "ｉｎｅｓ", "i\u{200B}nes", "\u{AD}ines", "ines\t", "in\u{FE0F}es"])
    func spellings(text: String) {
        #expect(StringPreparation.caseIgnore(text) == "ines")
    }

    @Test("It is the same when it is done again, and different names stay different")
    func property() {
        let letters = Array("aAéÉßẞςσΣıİ  \t.-_@ｉ\u{301}\u{200D}🗝ǅ")
        for _ in 0..<3000 {
            let text = String((0..<Int.random(in: 0...8)).map { _ in letters.randomElement() ?? "a" })
            let once = StringPreparation.caseIgnore(text)
            #expect(StringPreparation.caseIgnore(once) == once, "\(text.unicodeScalars.map(\.value))")
        }
        let names = ["ines", "inés", "ınes", "in es", "i.nes", "ines1"]
        #expect(Set(names.map(StringPreparation.caseIgnore)).count == names.count)
    }
}
