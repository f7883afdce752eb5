import Foundation
import Synchronization
import Testing

@testable import Credentials

/// A source whose answer and binding a test changes, and whose work a test can hold.
private final class ChangingSource: CredentialSource {
    let name = SourceName.ldap
    let keyShapedSecrets = KeyShapedSecretPolicy.asPassword
    let password: Locked<String>
    let bound = Locked<[UInt8]?>([1])
    let judged = Atomic<Int>(0)
    private let gate = Locked<(isClosed: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    init(_ password: String) { self.password = Locked(password) }

    func judge(_ credential: BasicCredential) async -> Verdict {
        judged.add(1, ordering: .relaxed)
        await withCheckedContinuation { continuation in
            let passes = gate.withLock { gate in
                if gate.isClosed { gate.waiting.append(continuation) }
                return !gate.isClosed
            }
            if passes { continuation.resume() }
        }
        guard credential.secret.isEqualInConstantTime(to: Array(password.withLock { $0 }.utf8)) else {
            return .rejected(.wrongPassword)
        }
        return .authenticated(Principal(userName: credential.userName, source: name))
    }
    func binding(of userName: UserName) -> [UInt8]? { bound.withLock { $0 } }
    func state() async -> SourceState { .ready }
    var count: Int { judged.load(ordering: .relaxed) }

    func close() { gate.withLock { $0.isClosed = true } }
    func open() {
        let waiting = gate.withLock { gate in
            defer { gate = (false, []) }
            return gate.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

@Suite("What the resolver remembers and shares")
struct MemoryTests {
    private let source = ChangingSource("right")
    private let address = IPAddress("192.0.2.1")

    private func options(_ change: (inout CredentialResolver.Options) -> Void) -> CredentialResolver.Options {
        var options = CredentialResolver.Options()
        options.failDelay = .zero
        // A machine with much else to do may come back to a test after more than the usual minute.
        options.cacheLifetime = .seconds(86_400)
        change(&options)
        return options
    }

    private func resolver(_ change: (inout CredentialResolver.Options) -> Void = { _ in }) -> CredentialResolver {
        CredentialResolver(entries: [.init(source)], options: options(change))
    }

    private func credential(_ secret: String, user: String = "alice") -> BasicCredential {
        BasicCredential(userName: UserName(user), secret: Secret(secret))
    }

    private func says(_ resolver: CredentialResolver, _ secret: String, from client: String = "192.0.2.1") async
        -> String
    {
        switch await resolver.resolve(credential(secret), from: IPAddress(client)) {
        case .authenticated: "yes"
        case .refused: "no"
        case .unavailable: "unavailable"
        case .throttled: "too soon"
        }
    }

    @Test("A verified password costs nothing the second time, and another one is not taken for it")
    func remembered() async {
        let resolver = resolver()
        #expect(resolver.principalIfKnown(credential("right"), from: address) == nil)
        #expect(await says(resolver, "right") == "yes")
        #expect(resolver.principalIfKnown(credential("right"), from: address)?.userName == "alice")
        #expect(await says(resolver, "right") == "yes")
        #expect(source.count == 1)
        #expect(resolver.principalIfKnown(credential("righ"), from: address) == nil)
        #expect(resolver.principalIfKnown(credential("right", user: "bob"), from: address) == nil)
        #expect(resolver.metrics.snapshot.cacheHits == 2 && resolver.metrics.snapshot.cacheMisses == 1)
    }

    @Test("A changed or removed entry voids the memory at once")
    func bound() async {
        for binding: [UInt8]? in [[2], nil] {
            source.bound.withLock { $0 = [1] }
            let resolver = resolver()
            #expect(await says(resolver, "right") == "yes")
            source.bound.withLock { $0 = binding }
            #expect(resolver.principalIfKnown(credential("right"), from: address) == nil)
            source.password.withLock { $0 = "new" }
            #expect(await says(resolver, "right") == "no")
            source.password.withLock { $0 = "right" }
        }
    }

    @Test("A memory ends with its time, and a lifetime of 0 turns it off")
    func lifetime() async throws {
        let off = resolver { $0.cacheLifetime = .zero }
        _ = await says(off, "right")
        _ = await says(off, "right")
        #expect(source.count == 2)
        let short = resolver { $0.cacheLifetime = .milliseconds(30) }
        _ = await says(short, "right")
        while short.principalIfKnown(credential("right"), from: address) != nil { await Task.yield() }
        _ = await says(short, "right")
        #expect(source.count == 4)
    }

    @Test("A refusal is not remembered by the resolver: the right password is always tried")
    func refusals() async {
        let resolver = resolver()
        #expect(await says(resolver, "new") == "no")
        source.password.withLock { $0 = "new" }
        #expect(await says(resolver, "new") == "yes")
    }

    @Test("A hundred at once with one credential cost one look, also if the first of them goes away")
    func singleFlight() async {
        let resolver = resolver()
        source.close()
        let first = Task { await says(resolver, "right") }
        while source.count == 0 { await Task.yield() }
        let others = (0..<99).map { _ in Task { await says(resolver, "right") } }
        first.cancel()
        while resolver.metrics.snapshot.cacheMisses < 100 { await Task.yield() }
        source.open()
        for other in others { #expect(await other.value == "yes") }
        #expect(source.count == 1)
    }

    @Test("Different credentials are never taken for each other, however they are cut")
    func tags() {
        let tagger = CredentialTagger()
        #expect(tagger.tag(credential("bc", user: "a")) != tagger.tag(credential("c", user: "ab")))
        #expect(tagger.tag(credential("x")) == tagger.tag(credential("x")))
        #expect(tagger.tag(credential("x")) != CredentialTagger().tag(credential("x")), "the key is made at start")
    }

    @Test("After free failures the next guess has to wait, unlooked at; the same wrong secret counts once")
    func throttled() async {
        let resolver = resolver()
        for _ in 0..<20 { #expect(await says(resolver, "old") == "no") }
        for secret in ["b", "c", "d"] { #expect(await says(resolver, secret) == "no") }
        let looked = source.count
        #expect(await says(resolver, "right") == "too soon")
        #expect(source.count == looked)
        #expect(await says(resolver, "right", from: "198.51.100.7") == "yes", "nobody is locked out from elsewhere")
    }

    @Test("Guesses in parallel do not slip past the count")
    func parallel() async {
        let resolver = resolver()
        source.close()
        let guesses = (0..<50).map { i in Task { await says(resolver, "guess \(i)") } }
        while resolver.metrics.snapshot.throttled < 47 { await Task.yield() }
        source.open()
        var answers: [String: Int] = [:]
        for guess in guesses { answers[await guess.value, default: 0] += 1 }
        #expect(answers == ["no": 3, "too soon": 47])
    }

    @Test("Who has logged in from a network goes on while others fail there, up to a hundred wrong secrets an hour")
    func neighbours() async {
        let resolver = resolver { $0.throttle?.freeFailuresPerNetwork = 5 }
        #expect(await says(resolver, "right") == "yes")
        for i in 0..<10 {
            _ = await resolver.resolve(credential("x", user: "user\(i)"), from: address)
        }
        guard case .throttled = await resolver.resolve(credential("x", user: "stranger"), from: address) else {
            Issue.record("the network is not slowed")
            return
        }
        #expect(resolver.principalIfKnown(credential("right"), from: address) != nil)
        for i in 0..<100 { #expect(await says(resolver, "guess \(i)") == "no", "\(i)") }
        #expect(resolver.principalIfKnown(credential("right"), from: address) == nil, "memory answers no guesses")
        #expect(await says(resolver, "right") == "too soon")
    }

    @Test("A memory is no oracle for somebody elsewhere")
    func elsewhere() async {
        let resolver = resolver()
        #expect(await says(resolver, "right") == "yes")
        let there = IPAddress("203.0.113.9")
        for secret in ["a", "b", "c", "d"] { _ = await resolver.resolve(credential(secret), from: there) }
        #expect(resolver.principalIfKnown(credential("right"), from: there) == nil)
        #expect(await says(resolver, "right", from: "203.0.113.9") == "too soon")
    }

    @Test("A hundred failures on one account, over all networks, are told once; a success starts anew")
    func alert() async {
        let alerts = Locked<[String]>([])
        let resolver = resolver { $0.onAlert = { user, count in alerts.withLock { $0.append("\(user) \(count)") } } }
        for i in 0..<120 { _ = await says(resolver, "guess \(i)", from: "198.51.100.\(i)") }
        #expect(alerts.withLock { $0 } == ["alice 100"] && resolver.metrics.snapshot.alerts == 1)
    }

    @Test("An outage counts for nothing")
    func outage() async {
        source.close()
        let resolver = resolver()
        let waiting = Task { await says(resolver, "right") }
        while source.count == 0 { await Task.yield() }
        source.open()
        #expect(await waiting.value == "yes")
    }

    @Test("A password that a newer one has replaced is forgotten at once, by each spelling of the name")
    func replaced() async {
        let resolver = resolver()
        for user in ["alice", "Alice"] { _ = await resolver.resolve(credential("right", user: user), from: address) }
        #expect(resolver.principalIfKnown(credential("right"), from: address) != nil)
        source.password.withLock { $0 = "new" }
        #expect(resolver.principalIfKnown(credential("right"), from: address) != nil, "nobody has told us yet")
        _ = await resolver.resolve(credential("new"), from: address)
        #expect(resolver.principalIfKnown(credential("new"), from: address) != nil)
        for user in ["alice", "Alice"] {
            #expect(resolver.principalIfKnown(credential("right", user: user), from: address) == nil, "\(user)")
        }
    }

    @Test("What an operator has forgotten is asked for again")
    func forgotten() async {
        let resolver = resolver()
        _ = await resolver.resolve(credential("right"), from: address)
        _ = await resolver.resolve(credential("right", user: "bob"), from: address)
        await resolver.forget(userName: " ALICE ")
        #expect(resolver.principalIfKnown(credential("right"), from: address) == nil)
        #expect(resolver.principalIfKnown(credential("right", user: "bob"), from: address) != nil)
        _ = await resolver.resolve(credential("right"), from: address)
        #expect(source.count == 3)
    }

    /// Renews as long as the test lets it.
    private final class Renewal: PrincipalRenewal {
        let isGood = Locked(true)
        let asked = Atomic<Int>(0)
        func renew(at now: ContinuousClock.Instant) -> Bool {
            asked.add(1, ordering: .relaxed)
            return isGood.withLock { $0 }
        }
    }

    @Test("What an event loop knows lasts a second, and longer only as long as its source renews it")
    func renewed() throws {
        // Other tests note invalidations too: each look is made anew where one came between.
        let (principal, renewal) = (Principal(userName: "alice", source: .ldap), Renewal())
        let start = ContinuousClock.now
        func looks(_ renewal: Renewal?, at seconds: [Double]) -> [Bool?] {
            while true {
                let memory = resolver().newLoopMemory()
                let invalidations = Invalidation.current
                _ = memory.remember(
                    KnownPrincipal(principal, renewal: renewal), "Basic x", from: address, since: invalidations,
                    at: start)
                let found = seconds.map { memory.find("Basic x", from: address, at: start + .seconds($0))?.isFresh }
                if invalidations == Invalidation.current { return found }
            }
        }
        #expect(looks(nil, at: [0.9, 1.1]) == [false, nil])
        #expect(looks(renewal, at: [0.9, 1.1, 1.2, 2.2]) == [false, true, false, true])
        #expect(renewal.asked.load(ordering: .relaxed) >= 2)
        renewal.isGood.withLock { $0 = false }
        #expect(looks(renewal, at: [0.9, 1.1]) == [false, nil])
        let memory = resolver().newLoopMemory()
        renewal.isGood.withLock { $0 = true }
        _ = memory.remember(
            KnownPrincipal(principal, renewal: renewal), "Basic x", from: address, since: Invalidation.current,
            at: start)
        #expect(memory.find("Basic x", from: IPAddress("192.0.2.2"), at: start + .seconds(1.1)) == nil)
        Invalidation.note()
        #expect(
            memory.find("Basic x", from: address, at: start + .seconds(1.1)) == nil, "whatever the source would say")
    }

    @Test("A resolver that takes the place of another goes on with what that remembers of the very same sources")
    func continuing() async throws {
        func next(
            _ source: ChangingSource, after old: CredentialResolver,
            _ change: (inout CredentialResolver.Options) -> Void = { _ in }
        ) -> CredentialResolver {
            CredentialResolver(entries: [.init(source)], options: options(change), continuing: old)
        }
        let first = resolver()
        _ = await first.resolve(credential("right"), from: address)
        let second = next(source, after: first)
        #expect(second.principalIfKnown(credential("right"), from: address) != nil && source.count == 1)
        #expect(second.metrics.snapshot.cacheMisses == 1, "it goes on counting")
        let other = ChangingSource("right")
        #expect(next(other, after: first).principalIfKnown(credential("right"), from: address) == nil)
        let smaller = next(source, after: first) { $0.cacheCapacity = 100 }
        #expect(smaller.principalIfKnown(credential("right"), from: address) == nil)
        for guess in 0..<10 { _ = await second.resolve(credential("wrong\(guess)", user: "bob"), from: address) }
        let slowed = await next(other, after: second).resolve(credential("x", user: "bob"), from: address)
        guard case .throttled = slowed else {
            Issue.record("what slows down is forgotten: \(slowed)")
            return
        }
        let anew = next(source, after: second) { $0.throttle?.freeFailuresPerUser = 1000 }
        let outcome = await anew.resolve(credential("x", user: "bob"), from: address)
        guard case .refused = outcome else {
            Issue.record("another throttle begins anew: \(outcome)")
            return
        }
    }
}
