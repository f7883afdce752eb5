import AccessControl
import AuthService
import Credentials
import Foundation
import HTTPTypes
import RegistryTokens
import SQLiteStorage
import TestSupport
import Testing

@Suite("The articles of the libraries")
struct ArticlesTests {
    private static let articles = [
        ("Credentials", "FirstLogin"), ("AccessControl", "OneDecision"), ("Htpasswd", "AFileOfUsers"),
        ("LDAPDirectory", "ADirectoryOfPeople"),
        ("APIKeys", "AKeyAndItsOwner"), ("SQLiteStorage", "AFolderOfKeys"), ("PostgreSQLStorage", "KeysOfSeveralNodes"),
        ("RegistryTokens", "ATokenForARegistry"),
        ("Sessions", "ASessionOfABrowser"),
        ("AuthService", "ServeDecisions"),
    ]

    /// A text without white space: the formatter may break lines elsewhere.
    private func bare(_ text: some StringProtocol) -> String { String(text.filter { !$0.isWhitespace }) }

    @Test("Each article's code stands, piece by piece, in a file that is compiled here", arguments: articles)
    func compiled(module: String, article: String) throws {
        let root = Slapd.repository
        let text = try String(
            contentsOf: root.appending(path: "Sources/\(module)/\(module).docc/\(article).md"), encoding: .utf8)
        let compiled = bare(
            try String(
                contentsOf: root.appending(path: "Tests/ArticlesTests/\(module)Article.swift"), encoding: .utf8))
        let pieces = text.matches(of: #/```swift\n([\s\S]*?)```/#).map { bare($0.output.1) }
        #expect(!pieces.isEmpty)
        for piece in pieces {
            #expect(compiled.components(separatedBy: piece).count == 2, "\(piece.prefix(60))")
        }
    }

    @Test("The code of the page on embedding stands, piece by piece, in a file that is compiled here")
    func embedding() throws {
        let root = Slapd.repository
        let text = try String(contentsOf: root.appending(path: "docs/embed.md"), encoding: .utf8)
        let compiled = bare(
            try String(contentsOf: root.appending(path: "Tests/ArticlesTests/EmbedPage.swift"), encoding: .utf8))
        let pieces = text.matches(of: #/```swift\n([\s\S]*?)```/#).map(\.output.1)
        #expect(pieces.count == 4)
        for piece in pieces {
            // What a file imports stands at its head.
            let lines = piece.split(separator: "\n").drop { $0.hasPrefix("import ") }
            #expect(compiled.components(separatedBy: bare(lines.joined())).count == 2, "\(piece.prefix(60))")
        }
    }

    @Test("The code of the articles that need no server does what they say")
    func run() async throws {
        let folder = try TemporaryFolder()
        await CredentialsArticle.resolve()
        CredentialsArticle.groups()
        try await HtpasswdArticle.ask(path: folder.path("users"))
        HtpasswdArticle.limit(bytes: Array("ann:$6$rounds=999999999$salt$x\n".utf8))
        try await SQLiteStorageArticle.use(path: folder.path("data"))
        let store = try SQLiteStore(folder: folder.url("keys"))
        let ann = Principal(userName: "ann", source: .htpasswd)
        #expect(try !AccessControlArticle.decide(ann))
        #expect(try await RegistryTokensArticle.token(ann, .open).map(\.actions) == [["pull", "push"]])
        #expect(try await APIKeysArticle.use(store: store, users: Village(), principal: ann))
        let service = AuthServiceArticle(resolver: CredentialResolver(entries: [.init(Lodge())]), ring: nil)
        let response = await service.respond(
            to: HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/auth/verify"), from: "192.0.2.1"
        ) { _ in [] }
        #expect(response.status == .unauthorized)
    }

    /// A place where everybody is known.
    private struct Village: UserDirectory {
        let name = SourceName.htpasswd
        func lookUp(userName: UserName) async -> UserLookup { .found(Principal(userName: userName, source: name)) }
    }
}
