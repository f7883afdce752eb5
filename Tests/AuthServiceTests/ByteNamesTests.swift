import AccessControl
import Credentials
import Foundation
import HTTPTypes
import OpenIDConnect
import Sessions
import Testing

@testable import AuthService

/// Walks over the places where a decision looks up a name, with pairs that only Unicode takes for equal.
@Suite("Whatever decides by a name compares bytes")
struct ByteNamesTests {
    private let right: RepositoryRight

    init() throws { right = RepositoryRight(.delete, try #require(RepositoryName("team/app"))) }

    private func rules(_ change: (inout AccessConfiguration) -> Void) throws -> AccessRules {
        var configuration = AccessConfiguration()
        change(&configuration)
        return try AccessRules(configuration)
    }

    private func person(_ name: UserName, _ groups: [Group] = []) -> Principal {
        Principal(userName: name, groups: groups, source: .htpasswd)
    }

    @Test("Policies, the adminPolicy, groups of the operator's, of a file and of a provider, and ?group=")
    func policies() throws {
        let places: [(String, AccessRules, (UserName, GroupName) -> Principal)] = [
            (
                "users", try rules { $0.repositories = [.init("**", policies: [.init(users: ["K"], actions: .all)])] },
                { name, _ in person(name) }
            ),
            (
                "adminPolicy.users", try rules { $0.adminPolicy = .init(users: ["K"], actions: .all) },
                { name, _ in person(name) }
            ),
            (
                "accessControl.groups",
                try rules {
                    $0.groups = ["g": ["K"]]
                    $0.adminPolicy = .init(groups: ["g"], actions: .all)
                }, { name, _ in person(name) }
            ),
            (
                "a file's group", try rules { $0.adminPolicy = .init(groups: ["K"], actions: .all) },
                { _, group in person("x", [Group(name: group)]) }
            ),
            (
                "a provider's group",
                try rules {
                    $0.authorities = ["corp"]
                    $0.adminPolicy = .init(groups: ["corp:K"], actions: .all)
                }, { _, group in person("x", [Group(name: group, of: "corp")]) }
            ),
            (
                "a provider",
                try rules {
                    $0.authorities = ["K"]
                    $0.adminPolicy = .init(groups: ["K:g"], actions: .all)
                }, { _, group in person("x", [Group(name: "g", of: group)]) }
            ),
        ]
        for (place, rules, make) in places {
            #expect(rules.decide(rules.subject(make("K", "K")), right).isAllowed, "\(place)")
            #expect(!rules.decide(rules.subject(make("\u{212A}", "\u{212A}")), right).isAllowed, "\(place)")
        }
        let member = person("x", [Group(name: "K"), Group(name: "K", of: "corp")])
        let open = AccessRules.open(authorities: ["corp"])
        #expect(open.isMember(member, of: "K") && !open.isMember(member, of: "\u{212A}"))
        #expect(open.isMember(member, of: "corp:K") && !open.isMember(member, of: "corp:\u{212A}"))
    }

    @Test("Metrics, links, whose keys a request is about, names of groups in a field")
    func others() throws {
        #expect(!MetricsAccess(users: ["K"]).users.contains("\u{212A}"))
        let links = [LinkedIdentity(provider: "p", subject: "K"): UserName("bob")]
        #expect(links[LinkedIdentity(provider: "p", subject: "\u{212A}")] == nil)
        let request = AuthRequest(method: .get, target: "/zot/auth/apikey?user=%E2%84%AA", headers: [:], peer: nil)
        #expect(KeyTarget(request, person("K")).name == "\u{212A}", "somebody else: only an administrator gets so far")
        #expect(GroupListItem(Group(name: "g", of: "corp"), ["corp"]).text == "corp:g")
        #expect(
            GroupListItem(Group(name: "corp:g"), ["corp"]).text == "corp%3Ag",
            "a directory's group is not the provider's")
        #expect(GroupListItem(Group(name: "other:g"), ["corp"]).text == "other:g")
        for (name, item) in [
            ("admins\t", "admins%09"), ("\nadmins", "%0Aadmins"), (" a b ", "%20a b%20"), ("a\u{B}", "a%0B"),
            ("a\u{A0}", "a%C2%A0"),
            ("a\u{200B}b", "a%E2%80%8Bb"), ("50%,x", "50%25%2Cx"), ("  ", "%20%20"), ("é", "é"),
        ] {
            #expect(GroupListItem(Group(name: GroupName(name)), []).text == item, "\(name.debugDescription)")
        }
    }

    @Test("A service account has a name that anybody could come by, and that is nobody's")
    func serviceAccounts() async throws {
        let service = try Service()
        for name in ["bot%20", "bot%E2%80%8B", "bot%09", "zoe%CC%88", "alice", "ALICE"] {
            let made = await service.ask(
                .post, "/zot/auth/apikey?user=\(name)", authorization: Service.basic("root", "root"),
                body: #"{"expirationDate": "never"}"#)
            #expect(made.status == .badRequest, "\(name): \(made.status)")
        }
        let made = await service.ask(
            .post, "/zot/auth/apikey?user=bot", authorization: Service.basic("root", "root"),
            body: #"{"expirationDate": "never"}"#)
        #expect(made.status == .created)
    }

    @Test("An address that a field would change is left out: the application would take it for another one")
    func addresses() {
        for (email, value) in [("a@x", "a@x"), ("a@x ", ""), ("\ta@x", ""), ("a@x\u{200B}", "")] {
            let principal = Principal(userName: "a", source: .ldap, email: email)
            let fields = IdentityHeaders(principal, maximumBytes: 1000, authorities: []).fields
            #expect(fields[FieldNames.remoteEmail] == value, "\(email.debugDescription)")
        }
    }
}
