import Synchronization
import Testing

@testable import Credentials

/// A source that says what a test wants, and counts.
private final class FixedSource: CredentialSource {
    let name: SourceName
    let keyShapedSecrets: KeyShapedSecretPolicy
    private let verdict: Verdict
    let judged = Atomic<Int>(0)
    let spent = Atomic<Int>(0)

    init(_ verdict: Verdict, keyShapedSecrets: KeyShapedSecretPolicy = .asPassword) {
        self.name = .htpasswd
        self.verdict = verdict
        self.keyShapedSecrets = keyShapedSecrets
    }

    func judge(_ credential: BasicCredential) async -> Verdict {
        judged.add(1, ordering: .relaxed)
        return verdict
    }
    func spendCostOfRefusal(_ credential: BasicCredential) async { spent.add(1, ordering: .relaxed) }
    func state() async -> SourceState { .ready }
}

@Suite("The resolver")
struct CredentialResolverTests {
    private let credential = BasicCredential(userName: "alice", secret: Secret("x"))

    private func resolver(_ sources: FixedSource..., failDelay: Duration = .zero, limit: Int = 10) -> CredentialResolver
    {
        var options = CredentialResolver.Options()
        options.failDelay = failDelay
        options.maximumDelayed = limit
        return CredentialResolver(entries: sources.map { .init($0) }, options: options)
    }

    private func reason(_ outcome: Outcome) -> RefusalReason? {
        if case .refused(let reason) = outcome { reason } else { nil }
    }

    @Test("A refused form is seen by no source")
    func forms() async {
        let source = FixedSource(.unknownUser)
        for secret in ["", "a\0", String(repeating: "x", count: 5000)] {
            let outcome = await resolver(source).resolve(.init(userName: "alice", secret: Secret(secret)))
            #expect(reason(outcome) != nil)
        }
        #expect(source.judged.load(ordering: .relaxed) == 0 && source.spent.load(ordering: .relaxed) == 0)
    }

    @Test("An unknown user costs a hash, but only if the outcome is a refusal")
    func costOfRefusal() async {
        let unknowing = FixedSource(.unknownUser)
        let knowing = FixedSource(.authenticated(.init(userName: "alice", source: .ldap)))
        _ = await resolver(unknowing, knowing).resolve(credential)
        #expect(unknowing.spent.load(ordering: .relaxed) == 0)
        #expect(reason(await resolver(unknowing).resolve(credential)) == .unknownUser)
        #expect(unknowing.spent.load(ordering: .relaxed) == 1)
    }

    @Test("A refusal is not answered before the delay has passed since the request arrived")
    func delay() async {
        let clock = ContinuousClock()
        let arrived = clock.now
        _ = await resolver(FixedSource(.unknownUser), failDelay: .milliseconds(120)).resolve(
            credential, arrived: arrived)
        #expect(clock.now - arrived >= .milliseconds(120))
        let late = clock.now - .seconds(700)
        let start = clock.now
        _ = await resolver(FixedSource(.unknownUser), failDelay: .seconds(600)).resolve(credential, arrived: late)
        #expect(clock.now - start < .seconds(300), "the time that has passed already counts")
    }

    @Test("What authenticates is not delayed")
    func noDelay() async {
        let clock = ContinuousClock()
        let start = clock.now
        let known = FixedSource(.authenticated(.init(userName: "alice", source: .ldap)))
        // On a busy machine a test may wait for its turn for long.
        _ = await resolver(known, failDelay: .seconds(600)).resolve(credential)
        #expect(clock.now - start < .seconds(300))
    }

    @Test("Past the bound of waiting refusals the answer is 'unavailable', at once")
    func boundedDelay() async {
        let full = resolver(FixedSource(.unknownUser), failDelay: .seconds(60), limit: 0)
        guard case .unavailable(let failure) = await full.resolve(credential) else {
            Issue.record("not unavailable")
            return
        }
        #expect(failure.code == .overloaded)
    }
}
