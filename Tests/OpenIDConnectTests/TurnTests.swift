import Credentials
import Foundation
import TestSupport
import Testing

@testable import OpenIDConnect

@Suite("Those who come back from a provider take turns")
struct TurnTests {
    private let attacker = IPNetwork("192.0.2.1")
    private let other = IPNetwork("198.51.100.0/24")

    @Test(
        "One network has three quarters of the places at most, and of those who wait the network with the fewest is next"
    )
    func fairness() {
        var queue = TurnQueue(maximumAsking: 8, maximumWaiting: 100)
        var waiting: [Int] = []
        for count in 1...60 {
            switch queue.arrive(from: attacker) {
            case .turn: #expect(count <= 6)
            case .waiting(let number): waiting.append(number)
            case .refused: Issue.record("there is room to wait")
            }
        }
        #expect(queue.askingCount == 6 && waiting.count == 54)
        let arrivals = [queue.arrive(from: other), queue.arrive(from: other)]
        #expect(arrivals == [.turn, .turn], "two places are nobody's yet")
        guard case .waiting(let third) = queue.arrive(from: other) else {
            Issue.record("all eight are taken")
            return
        }
        let next = [queue.leave(attacker), queue.leave(attacker), queue.leave(other)]
        #expect(next == [third, waiting[0], waiting[1]], "whoever sends many waits for their own")
    }

    @Test("Providers that stall together leave room for others, and one that answers has places of its own")
    func places() {
        let total = WaitingCount.Total(maximum: 100)
        let (stalled, alsoStalled, healthy) = (WaitingCount(total), WaitingCount(total), WaitingCount(total))
        let first = (0..<90).filter { _ in stalled.enter(upTo: 90) }.count
        let second = (0..<90).filter { _ in alsoStalled.enter(upTo: 90) }.count
        #expect(first == 90 && second == WaitingCount.reserve && !stalled.enter(upTo: 90))
        let third = (0..<90).filter { _ in healthy.enter(upTo: 90) }.count
        #expect(third == WaitingCount.reserve)
        for _ in 0..<90 { stalled.leave() }
        #expect(healthy.enter(upTo: 90), "there is room again")
    }

    @Test(
        "Only what a provider says of a code counts as a wrong one: what it says of the client is the operator's to mend"
    )
    func wrongCodes() {
        for code in ["invalid_grant", "bad_verification_code"] {
            #expect(LoginProblem.exchange(status: 400, code: code).isOfWrongCode)
        }
        for (status, code) in [
            (400, "invalid_request"), (400, "redirect_uri_mismatch"), (403, ""), (400, ""), (401, "invalid_client"),
            (400, "unauthorized_client"), (503, "invalid_grant"),
        ] {
            #expect(!LoginProblem.exchange(status: status, code: code).isOfWrongCode, "\(status) \(code)")
        }
    }

    @Test(
        "A refusal that does not say why is of the code where the provider takes the codes of others, and of the operator's client where it takes none"
    )
    func doubtfulCodes() async throws {
        let scripted = ScriptedProvider()
        try await scripted.publish(["authorization_response_iss_parameter_supported": false])
        let clock = Locked(Date(timeIntervalSince1970: 1_900_000_000))
        let settings = ProviderSettings(
            name: "p", issuer: Issuer(ScriptedProvider.issuer), clientID: "c", authentication: .none, scopes: [])
        let provider = IdentityProvider(settings, transport: scripted) { clock.withLock { $0 } }
        func problem(_ text: String, _ status: Int) async -> LoginProblem? {
            await scripted.answer("/token", text: text, status: status)
            let login = PendingLogin(
                provider: "p", returnTo: "/", redirectURL: "https://a/cb", at: clock.withLock { $0 })
            do throws(LoginProblem) {
                _ = try await provider.finish("state=\(login.state)&code=x", login)
                return nil
            } catch {
                return error
            }
        }
        func counts(_ text: String, _ status: Int) async throws -> Bool {
            provider.isOfWrongCode(try #require(await problem(text, status)))
        }
        let doubtful = [
            (#"{"error": "invalid_request"}"#, 400), (#"{"error": "no such authorization code"}"#, 400),
            ("<html>", 403), ("", 400), (#"{"ok": false, "error": "invalid_code"}"#, 200), ("{}", 422),
        ]
        let never = [
            (#"{"error": "invalid_client"}"#, 401), (#"{"error": "invalid_client"}"#, 400), ("", 401),
            (#"{"error": "unauthorized_client"}"#, 400), (#"{"error": "redirect_uri_mismatch"}"#, 400), ("", 404),
            (#"{"error": "invalid_request"}"#, 500), ("", 503), ("", 429), (#"{"error": "server_error"}"#, 400),
        ]
        for (text, status) in doubtful + never { #expect(try await !counts(text, status), "\(status) \(text)") }
        #expect(try await counts(#"{"error": "invalid_grant"}"#, 400), "it says so")
        // It takes a code; what comes of that is another matter.
        let taken = try #require(await problem(#"{"access_token": "a", "id_token": "x"}"#, 200))
        #expect(!provider.isOfWrongCode(taken))
        for (text, status) in doubtful { #expect(try await counts(text, status), "\(status) \(text)") }
        for (text, status) in never { #expect(try await !counts(text, status), "\(status) \(text)") }
        #expect(!provider.isOfWrongCode(.unreachable("x")) && !provider.isOfWrongCode(.outage("x")))
        clock.withLock { $0 += 601 }
        for (text, status) in doubtful { #expect(try await !counts(text, status), "\(status) \(text)") }
    }

    @Test("So many wait and no more, and one network does not fill the room where they wait")
    func bounds() {
        var queue = TurnQueue(maximumAsking: 1, maximumWaiting: 8)
        let first = queue.arrive(from: nil)
        #expect(first == .turn)
        for _ in 0..<6 {
            guard case .waiting = queue.arrive(from: attacker) else {
                Issue.record("there is room")
                return
            }
        }
        let seventh = queue.arrive(from: attacker)
        #expect(seventh == .refused)
        guard case .waiting(let number) = queue.arrive(from: other), case .waiting = queue.arrive(from: nil) else {
            Issue.record("there is room for others")
            return
        }
        let ninth = queue.arrive(from: other)
        let ends = [queue.giveUp(number, from: other), queue.giveUp(number, from: other)]
        #expect(ninth == .refused && ends == [true, false] && queue.waitingCount == 7)
    }

    @Test("Whatever comes and goes, never more ask than may, nobody is forgotten, and all are answered in the end")
    func random() {
        var generator = Seeded.announced()
        let networks = [nil] + (1...5).map { IPNetwork("10.0.0.\($0)") }
        for _ in 0..<50 {
            var queue = TurnQueue(maximumAsking: 4, maximumWaiting: 12)
            var (asking, waiting): ([IPNetwork?], [Int: IPNetwork?]) = ([], [:])
            func leave(_ place: Int) {
                let network = asking.remove(at: place)
                guard let next = queue.leave(network) else { return }
                guard let found = waiting.removeValue(forKey: next) else {
                    Issue.record("it is the turn of somebody who does not wait")
                    return
                }
                asking.append(found)
            }
            for _ in 0..<300 {
                switch Int.random(in: 0..<5, using: &generator) {
                case 0...2:
                    let network = networks.randomElement(using: &generator) ?? nil
                    switch queue.arrive(from: network) {
                    case .turn: asking.append(network)
                    case .waiting(let number): waiting[number] = .some(network)
                    case .refused: break
                    }
                case 3 where !asking.isEmpty: leave(Int.random(in: asking.indices, using: &generator))
                default:
                    guard let (number, network) = waiting.randomElement(using: &generator) else { continue }
                    let hasWaited = queue.giveUp(number, from: network)
                    #expect(hasWaited)
                    waiting[number] = nil
                }
                #expect(asking.count == queue.askingCount && waiting.count == queue.waitingCount)
                #expect(queue.askingCount <= 4 && queue.waitingCount <= 12)
                #expect(Dictionary(grouping: asking) { $0 }.values.allSatisfy { $0.count <= 3 })
            }
            while !asking.isEmpty { leave(0) }
            #expect(waiting.isEmpty && queue.askingCount == 0 && queue.waitingCount == 0)
        }
    }

    @Test("A turn that does not come in time is given up, and who is cancelled leaves the queue")
    func patience() async throws {
        let (attacker, other) = (attacker, other)
        let turns = ProviderTurns(maximumAsking: 1, maximumWaiting: 4, patience: .milliseconds(50))
        try await turns.take(attacker)
        await #expect(throws: LoginProblem.self) { try await turns.take(other) }
        let patient = ProviderTurns(maximumAsking: 1, maximumWaiting: 4, patience: .seconds(3600))
        try await patient.take(attacker)
        let cancelled = Task { try await patient.take(other) }
        cancelled.cancel()
        await #expect(throws: LoginProblem.self) { try await cancelled.value }
        async let next: Void = patient.take(other)
        patient.end(attacker)
        try await next
        patient.end(other)
        try await patient.take(attacker)
    }
}
