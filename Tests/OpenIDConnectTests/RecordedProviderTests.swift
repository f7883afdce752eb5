import Credentials
import Foundation
import Testing

@testable import OpenIDConnect

@Suite("What real providers send, as they document it")
struct RecordedProviderTests {
    private let now = Date(timeIntervalSince1970: 1_900_000_000)

    /// Everything that a record leads to, in words.
    private struct Outcome {
        var identity: ProviderIdentity?
        var principal: Principal?
        var problem: String?
        var userNameProblem: String?
    }

    @Test("Each recorded login and token comes to the outcome that stands beside it, and says where it was read")
    func all() async throws {
        let records = try RecordedProvider.all()
        #expect(records.count >= 70)
        for record in records {
            #expect(!record.source.isEmpty, "\(record.name) does not say where it was read")
            let outcome = try await record.isWorkload ? token(record) : login(record)
            try check(record, outcome)
        }
    }

    @Test("Each provider that the page on logins names is recorded")
    func complete() throws {
        let folders = Set(try RecordedProvider.all().compactMap { $0.name.split(separator: "/").first })
        for name in [
            "dex", "keycloak", "authelia", "entra", "google", "gitlab", "github", "github-enterprise-server",
            "github-enterprise-cloud", "lemonldap", "canaille", "glewlwyd", "apple", "github-actions", "gitlab-jobs",
            "kubernetes",
        ] {
            #expect(folders.contains(Substring(name)), "\(name)")
        }
    }

    private func login(_ record: RecordedProvider) async throws -> Outcome {
        let transport = RecordedTransport(record, at: now)
        let provider = IdentityProvider(record.provider, transport: transport) { now }
        let login = PendingLogin(
            provider: "p", returnTo: "/", isFresh: record.isFresh, redirectURL: "https://auth.example.org/cb", at: now)
        await transport.begin(nonce: login.nonce)
        let address = try await provider.authorizationURL(login)
        let asks = address.contains("&prompt=\(record.prompt)") && address.contains("&max_age=1")
        #expect(asks == record.isFresh, "\(record.name): \(address)")
        let back = [("state", login.state), ("code", "c0de")] + record.callback.map { ($0.key, $0.value.text ?? "") }
        var outcome = Outcome()
        do throws(LoginProblem) {
            let identity = try await provider.finish(FormText.encode(back)[...], login)
            outcome.identity = identity
            if case .failure(let problem) = identity.userName { outcome.userNameProblem = "\(problem)" }
        } catch {
            outcome.problem = "\(error)"
        }
        return outcome
    }

    private func token(_ record: RecordedProvider) async throws -> Outcome {
        let transport = RecordedTransport(record, at: now)
        let source = BearerSource(
            issuers: [(try record.tokenIssuer(), transport)], signer: nil, options: .init()
        ) { now }
        switch await source.judge(BasicCredential(bearer: Secret(try await transport.token()))) {
        case .authenticated(let principal): return Outcome(principal: principal)
        case .rejected(let reason, _): return Outcome(problem: reason.rawValue)
        case let other: return Outcome(problem: "\(other)")
        }
    }

    private func check(_ record: RecordedProvider, _ outcome: Outcome) throws {
        let expected = record.expected
        if let words = expected["problem"]?.text {
            #expect(outcome.problem?.contains(words) == true, "\(record.name): \(outcome)")
            return
        }
        #expect(outcome.problem == nil, "\(record.name): \(outcome.problem ?? "")")
        if let words = expected["userNameProblem"]?.text {
            #expect(outcome.userNameProblem?.contains(words) == true, "\(record.name): \(outcome)")
            return
        }
        let userName = outcome.principal?.userName.text ?? (try? outcome.identity?.userName.get())
        #expect(userName == expected["userName"]?.text, "\(record.name): \(outcome)")
        let groups = outcome.principal?.groups.map(\.name.text) ?? outcome.identity?.groups
        #expect(groups == expected["groups"]?.texts, "\(record.name): \(outcome)")
        guard let identity = outcome.identity else { return }
        if let name = expected["identity"]?.text { #expect(identity.identity.text == name, "\(record.name)") }
        if let email = expected["email"]?.text { #expect(identity.email == email, "\(record.name)") }
        #expect(Double(identity.gaps.count) == expected["gaps"]?.number ?? 0, "\(record.name): \(identity.gaps)")
        if expected["isFresh"] == .bool(true) {
            let age = identity.authenticated.map { now.timeIntervalSince1970 - $0 }
            #expect(age.map { (0..<600).contains($0) } == true, "\(record.name): \(String(describing: age))")
        }
    }
}
