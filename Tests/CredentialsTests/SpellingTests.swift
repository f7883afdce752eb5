import Testing

@testable import Credentials

/// A directory in which one person has a name and a mail address.
private struct TwoNames: CredentialSource {
    let name = SourceName.ldap
    let keyShapedSecrets = KeyShapedSecretPolicy.never

    func judge(_ credential: BasicCredential) async -> Verdict {
        let typed = StringPreparation.caseIgnore(credential.userName)
        guard ["ines", "ines@example.org"].contains(typed) else { return .unknownUser }
        return credential.secret.isEqualInConstantTime(to: "right".utf8)
            ? .authenticated(Principal(userName: "ines", source: name)) : .rejected(.wrongPassword, of: "ines")
    }
    func state() async -> SourceState { .ready }
}

@Suite("Failures of one person are counted as one, however the name is written")
struct SpellingTests {
    private let address = IPAddress("192.0.2.1")

    private func resolver(_ change: (inout CredentialResolver.Options) -> Void = { _ in }) -> CredentialResolver {
        var options = CredentialResolver.Options()
        options.failDelay = .zero
        change(&options)
        return CredentialResolver(entries: [.init(TwoNames())], options: options)
    }

    private func ask(_ resolver: CredentialResolver, _ user: String, _ secret: String) async -> String {
        switch await resolver.resolve(.init(userName: UserName(user), secret: Secret(secret)), from: address) {
        case .authenticated: "authenticated"
        case .refused: "refused"
        case .throttled: "throttled"
        case .unavailable: "unavailable"
        }
    }

    @Test("Who is throttled by one spelling is throttled by all of them")
    func spellings() async {
        let resolver = resolver()
        for guess in 0..<4 { #expect(await ask(resolver, "ines", "guess\(guess)") == "refused") }
        for name in ["ines", "INES", " ines", "ines ", "iNes", "ｉｎｅｓ", "ines\u{200B}"] {
            #expect(await ask(resolver, name, "another") == "throttled", "\(name)")
        }
        #expect(await ask(resolver, "kiki", "another") == "refused", "somebody else is not")
    }

    @Test("Tries by name and by mail address count together once the source has said whose they are")
    func identities() async {
        let resolver = resolver()
        for guess in 0..<2 {
            #expect(await ask(resolver, "ines@example.org", "mail\(guess)") == "refused")
            #expect(await ask(resolver, "ines", "name\(guess)") == "refused")
        }
        #expect(await ask(resolver, "INES@example.org", "more") == "throttled")
        #expect(await ask(resolver, "ines", "more") == "throttled")
    }

    @Test("The alert of an account comes after so many failures, however they were spelled")
    func alert() async {
        let alerts = Locked<[String]>([])
        let resolver = resolver {
            $0.throttle?.alertAfter = 10
            $0.throttle?.freeFailuresPerUser = 100
            $0.onAlert = { name, count in alerts.withLock { $0.append("\(name) \(count)") } }
        }
        let names = ["ines", "INES", " ines", "ines@example.org", "ｉｎｅｓ"]
        for guess in 0..<10 { _ = await ask(resolver, names[guess % names.count], "guess\(guess)") }
        #expect(alerts.withLock { $0 } == ["ines 10"])
    }

    @Test("Who has logged in by one name is trusted by the other, and a remembered password is answered for both")
    func trust() async {
        let resolver = resolver()
        #expect(await ask(resolver, "ines@example.org", "right") == "authenticated")
        let mail = BasicCredential(userName: "ines@example.org", secret: Secret("right"))
        #expect(resolver.principalIfKnown(mail, from: address) == nil, "the directory's verdict is not remembered here")
        for guess in 0..<6 { #expect(await ask(resolver, "Ines", "guess\(guess)") == "refused") }
        #expect(await ask(resolver, "ines", "right") == "authenticated")
    }
}
