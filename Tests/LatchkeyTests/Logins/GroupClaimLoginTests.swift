import Foundation
import TestSupport
import Testing

@Suite("Groups that a provider does not say in a usable way, from outside")
struct GroupClaimLoginTests {
    private let folder: TemporaryFolder
    private let issuer: ScriptedIssuer

    init() async throws {
        folder = try TemporaryFolder()
        issuer = try await ScriptedIssuer()
    }

    private func start(_ groups: String) async throws -> Latchkey {
        let url = issuer.url
        return try await Latchkey(
            configuration: { port in
                """
                http:
                  port: \(port)
                  externalURL: http://127.0.0.1:\(port)
                  auth:
                    failDelay: 0
                    openid: { providers: { p1: { issuer: "\(url)", clientid: latchkey, clientsecret: x,
                      claimMapping: { username: preferred_username\(groups) } } } }
                storage: { rootDirectory: data }
                log: { audit: audit.log }
                """
            }, folder: folder)
    }

    private func isIn(_ server: Latchkey, _ login: (cookie: String, answer: String)) async throws -> Bool {
        try await server.curl("/auth/verify", "-b", login.cookie).status == "200"
    }

    @Test("What can't be read keeps the person out, and the answer and the log say that it is the groups")
    func unusable() async throws {
        let server = try await start("")
        let claims: [[String: (any Sendable)?]] = [
            ["groups": ["admins": true]], ["groups": [["name": "admins"]]], ["groups": 7], ["hasgroups": true],
        ]
        for (number, claim) in claims.enumerated() {
            let login = try await issuer.logIn(
                server, ["sub": "\(number)", "preferred_username": "u\(number)"].merging(claim) { $1 })
            #expect(try await !isIn(server, login))
            #expect(login.answer.contains("which groups you are in"), "\(login)")
        }
        #expect(try folder.text("audit.log").components(separatedBy: "the groups can't be read").count == 5)
        #expect(try await isIn(server, try await issuer.logIn(server, ["sub": "9", "preferred_username": "ok"])))
    }

    @Test("Where people have a provider alone, the page asks for no password, and zot's page is told of no password")
    func noPasswords() async throws {
        let server = try await start("")
        let page = try await server.curl("/auth/login")
        #expect(page.status == "200" && page.body.contains("provider=p1") && !page.body.contains("type=\"password\""))
        let told = try await server.curl("/v2/_zot/ext/mgmt").body
        #expect(told.contains(#""openid":{"providers":{"p1""#) && !told.contains("htpasswd"), "\(told)")
    }

    @Test("A claim that the operator names and that a login lacks is told, and the person comes in without groups")
    func missing() async throws {
        let server = try await start(", groups: realm_access.roles")
        let person: [String: (any Sendable)?] = ["sub": "1", "preferred_username": "ann", "groups": ["admins"]]
        let login = try await issuer.logIn(server, person)
        #expect(try await isIn(server, login) && login.answer.contains(#""groups":[]"#), "\(login)")
        let roles: [String: (any Sendable)?] = ["realm_access": ["roles": ["admins"]]]
        let whole = try await issuer.logIn(server, person.merging(roles) { $1 })
        #expect(whole.answer.contains("p1:admins"), "\(whole)")
        try await eventually("it is told once") {
            try folder.text("audit.log").split(separator: "\n").count {
                $0.contains(#""event":"login-incomplete""#) && $0.contains("the claim realm_access.roles")
            } == 1
        }
    }
}
