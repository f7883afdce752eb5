import Credentials
import Crypto
import Foundation
import TestSupport
import Testing

@testable import OpenIDConnect

/// One login, or one token of a program, as a provider's documentation has it: a file of fixtures/providers, whose README says what stands in it.
struct RecordedProvider: Sendable {
    /// `github/login`.
    let name: String
    let source: [String]
    let settings: [String: Claims.Value]
    let metadata: [String: Claims.Value]
    let callback: [String: Claims.Value]
    let idToken: [String: Claims.Value]
    let userinfo: Claims.Value?
    let userinfoAnswer: Claims.Value?
    let answers: [String: Claims.Value]
    let isFresh: Bool
    let isWorkload: Bool
    let prompt: String
    let expected: [String: Claims.Value]

    static let folder = Slapd.repository.appending(path: "fixtures/providers")

    /// All of them, by name.
    static func all() throws -> [RecordedProvider] {
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects ?? []
        return try files.compactMap { $0 as? URL }.filter { $0.pathExtension == "json" }
            .sorted { $0.path < $1.path }.map { try RecordedProvider($0) }
    }

    private init(_ file: URL) throws {
        name = "\(file.deletingLastPathComponent().lastPathComponent)/\(file.deletingPathExtension().lastPathComponent)"
        let values = try JSONReader.object(Array(Data(contentsOf: file)))
        func object(_ key: String) -> [String: Claims.Value] {
            if case .object(let members)? = values[key] { members } else { [:] }
        }
        source = values["source"]?.texts ?? []
        settings = object("settings")
        metadata = object("metadata")
        callback = object("callback")
        idToken = object("idToken")
        (userinfo, userinfoAnswer) = (values["userinfo"], values["userinfoAnswer"])
        answers = object("answers")
        isFresh = values["fresh"] == .bool(true)
        isWorkload = values["workload"] == .bool(true)
        prompt = values["prompt"]?.text ?? "login"
        expected = object("expected")
    }

    var isGitHub: Bool { settings["type"]?.text == "github" }

    var issuer: String {
        settings["issuer"]?.text
            ?? settings["authurl"]?.text?.replacing("/login/oauth/authorize", with: "") ?? "https://github.com"
    }

    private var requiredClaims: [String: [ClaimValue]] {
        guard case .object(let members)? = settings["requiredClaims"] else { return [:] }
        return members.mapValues { value in
            var values = [value]
            if case .array(let list) = value { values = list }
            return values.compactMap { value in
                switch value {
                case .text(let text): .text(text)
                case .number(let number): .number(number)
                case .bool(let bool): .bool(bool)
                default: nil
                }
            }
        }
    }

    private func mapping(_ key: String) -> String? {
        if case .object(let members)? = settings["claimMapping"] { members[key]?.text } else { nil }
    }

    /// What an operator says of it.
    var provider: ProviderSettings {
        var made = ProviderSettings(
            name: "p", kind: isGitHub ? .github : .oidc, issuer: Issuer(issuer), clientID: "latchkey",
            authentication: .secret(Secret("s")), scopes: ["openid"])
        made.claims.userName = mapping("username") ?? made.claims.userName
        made.claims.groups = mapping("groups") ?? made.claims.groups
        made.claims.areGroupsNamed = mapping("groups").map { !$0.isEmpty } ?? false
        made.requiredClaims = requiredClaims
        made.organizations = settings["organizations"]?.texts ?? []
        (made.authorizationURL, made.tokenURL) = (settings["authurl"]?.text, settings["tokenurl"]?.text)
        made.authenticationTime = settings["authTime"]?.text == "none" ? .none : .required
        return made
    }

    /// The same for an issuer of programs' tokens.
    func tokenIssuer() throws -> TokenIssuerSettings {
        var made = TokenIssuerSettings(issuer: Issuer(issuer), audiences: ["latchkey"])
        if let name = mapping("username") { made.userName = try #require(ClaimPath(name)) }
        made.groups = try mapping("groups").map { try #require(ClaimPath($0)) }
        made.requiredClaims = requiredClaims
        return made
    }
}

/// Answers as a record says, with a key of its own for what is signed.
actor RecordedTransport: ProviderTransport {
    private let record: RecordedProvider
    private let key = P256.Signing.PrivateKey()
    private let now: Date
    private var nonce = ""
    private(set) var asked: [String] = []

    init(_ record: RecordedProvider, at now: Date) { (self.record, self.now) = (record, now) }

    func begin(nonce: String) { self.nonce = nonce }

    func send(_ request: ProviderRequest) async throws(LoginProblem) -> ProviderAnswer {
        asked.append(request.url)
        if record.isGitHub {
            guard let answer = record.answers[request.url] else { throw .unreachable("not recorded: \(request.url)") }
            return Self.answer(answer)
        }
        do {
            switch request.url.dropFirst(record.issuer.count) {
            case "/.well-known/openid-configuration": return try json(metadata)
            case "/keys": return try json(["keys": [ScriptedProvider.published(key, "one")]])
            case "/token": return try json(["access_token": "at", "token_type": "Bearer", "id_token": try token()])
            case "/userinfo":
                if let answer = record.userinfoAnswer { return Self.answer(answer) }
                return try json((record.userinfo ?? .object(["sub": record.idToken["sub"] ?? .null])).foundation)
            default: throw LoginProblem.unreachable("not recorded: \(request.url)")
            }
        } catch {
            throw (error as? LoginProblem) ?? .unreachable("\(error)")
        }
    }

    /// The token, as it is signed.
    func token() throws -> String {
        let time = now.timeIntervalSince1970
        var claims: [String: any Sendable] = [
            "iss": record.issuer, "aud": "latchkey", "nonce": nonce, "iat": time, "exp": time + 300,
        ]
        for (name, value) in record.idToken {
            // So many seconds ago.
            if case .number(let number) = value, number < 0 {
                claims[name] = time + number
            } else {
                claims[name] = value.foundation
            }
        }
        return try ScriptedProvider.signed(["alg": "ES256", "kid": "one"], claims, key)
    }

    private var metadata: [String: any Sendable] {
        let issuer = record.issuer
        return [
            "issuer": issuer, "authorization_endpoint": "\(issuer)/authorize", "token_endpoint": "\(issuer)/token",
            "userinfo_endpoint": "\(issuer)/userinfo", "jwks_uri": "\(issuer)/keys",
        ].merging(record.metadata.mapValues(\.foundation)) { $1 }
    }

    private func json(_ value: any Sendable) throws -> ProviderAnswer {
        ProviderAnswer(status: 200, body: Array(try JSONSerialization.data(withJSONObject: value)))
    }

    private static func answer(_ value: Claims.Value) -> ProviderAnswer {
        guard case .object(let members) = value else { return ProviderAnswer(status: 500, body: []) }
        let text = members["text"]?.text.map { Array($0.utf8) }
        let body =
            text
            ?? members["body"].flatMap { body in
                (try? JSONSerialization.data(withJSONObject: body.foundation)).map { Array($0) }
            }
        var answer = ProviderAnswer(status: Int(members["status"]?.number ?? 200), body: body ?? [])
        if case .object(let fields)? = members["fields"] {
            answer.fields = fields.map { ($0.key, $0.value.text ?? "") }
        }
        return answer
    }
}

extension Claims.Value {
    /// As Foundation's JSON writer takes it.
    var foundation: any Sendable {
        switch self {
        case .text(let text): text
        case .number(let number): number.rounded() == number ? Int64(number) as any Sendable : number
        case .bool(let bool): bool
        case .array(let values): values.map(\.foundation)
        case .object(let members): members.mapValues(\.foundation)
        case .null: NSNull()
        }
    }
}
