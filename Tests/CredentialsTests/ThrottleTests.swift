import Testing

@testable import Credentials

@Suite("The count of failures, told the time")
struct ThrottleTests {
    private let start = ContinuousClock.now
    private let options = ThrottleOptions()

    @Test("The wait doubles with each failure, ends at its maximum, and is forgiven with time")
    func backOff() {
        var count = FailureCount()
        var waits: [Duration] = []
        for _ in 0..<16 {
            count.fail(at: start, free: 3, options)
            waits.append(count.wait(at: start) ?? .zero)
        }
        #expect(waits.prefix(7) == [.zero, .zero, .zero, .seconds(1), .seconds(2), .seconds(4), .seconds(8)])
        #expect(waits.last == .seconds(300))
        #expect(count.wait(at: start + .seconds(301)) == nil)
        #expect(count.current(at: start + .seconds(600), halfLife: options.halfLife) == 8)
        #expect(count.current(at: start + .seconds(60_000), halfLife: options.halfLife) < 0.001)
    }

    @Test("No number of failures overflows")
    func many() {
        var count = FailureCount()
        for _ in 0..<100_000 { count.fail(at: start, free: 0, options) }
        #expect(count.wait(at: start) == .seconds(300))
    }

    @Test("A pair forgets wrong secrets after an hour, and never holds more than the limit")
    func hour() {
        var pair = PairState()
        _ = pair.admit(1, at: start, options)
        pair.succeed(1)
        for secret in 2..<102 {
            let wait = pair.admit(UInt64(secret), at: start, options)
            let counts = pair.fail(UInt64(secret), at: start, options)
            #expect(wait == nil && counts)
        }
        let now = pair.admit(500, at: start, options)
        let later = pair.admit(500, at: start + .seconds(3601), options)
        #expect(now == .seconds(3600) && later == nil)
    }

    @Test("IPv6 clients are taken by their /64, IPv4 clients one by one")
    func networks() throws {
        let throttle = Throttle(options)
        let tagger = CredentialTagger()
        func admits(_ secret: String, _ client: String) throws -> Bool {
            let tag = tagger.tag(.init(userName: "u", secret: Secret(secret)))
            let address: IPAddress = try #require(IPAddress(client))
            switch throttle.admit("u", tag, from: address, at: start) {
            case .success(let attempt):
                _ = throttle.fail(attempt, as: nil, at: start)
                return true
            case .failure: return false
            }
        }
        for i in 0..<4 { #expect(try admits("s\(i)", "2001:db8::\(i)")) }
        #expect(try !admits("t", "2001:db8::ffff"))
        #expect(try admits("t", "2001:db8:0:1::1"))
        for i in 0..<8 { #expect(try admits("s\(i)", "192.0.2.\(i)")) }
    }
}
