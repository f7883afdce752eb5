import Testing

@testable import LDAPDirectory

@Suite("The health of a server")
struct ServerHealthTests {
    private let start = ContinuousClock.now

    private func failed(_ times: Int, _ health: inout ServerHealth) {
        var now = start
        for _ in 0..<times {
            health.failed(at: now, after: .seconds(2))
            while !health.isDueForProbe(at: now) { now += .milliseconds(100) }
        }
    }

    @Test("A new server is good, and so is one that has answered, whatever it has said before")
    func good() {
        var health = ServerHealth()
        #expect(health.prospect == .good && !health.isDueForProbe(at: start))
        failed(3, &health)
        #expect(health.prospect == .resting)
        health.answered()
        #expect(health.prospect == .good && !health.isDueForProbe(at: start + .seconds(3600)))
    }

    @Test("Each failure after a rest makes the next one longer, up to half a minute")
    func backOff() {
        for (times, rest) in [(1, 0.5), (2, 1.0), (3, 2.0), (6, 16.0), (7, 30.0), (40, 30.0)] {
            var health = ServerHealth()
            failed(times - 1, &health)
            let now = start + .seconds(100_000)
            health.failed(at: now, after: .seconds(2))
            #expect(!health.isDueForProbe(at: now + .seconds(rest - 0.1)), "\(times)")
            #expect(health.isDueForProbe(at: now + .seconds(rest)), "\(times)")
        }
    }

    @Test("A crowd that fails together is one failure")
    func crowd() {
        var health = ServerHealth()
        for _ in 0..<100 { health.failed(at: start, after: .seconds(2)) }
        #expect(health.isDueForProbe(at: start + .milliseconds(500)))
    }

    @Test("A refused connection may be tried again at once, a time-out and a refused service account not")
    func speed() {
        for (elapsed, prospect) in [
            (Duration.milliseconds(1), ServerHealth.Prospect.failsFast), (.seconds(2), .resting), (nil, .resting),
        ] as [(Duration?, ServerHealth.Prospect)] {
            var health = ServerHealth()
            health.failed(at: start, after: elapsed)
            #expect(health.prospect == prospect)
        }
    }

    @Test("A server that keeps somebody waiting is suspect until it answers anybody")
    func suspect() {
        let server = Responsiveness()
        let start = ContinuousClock.now
        #expect(!server.isSuspect(at: start + .seconds(10)), "nobody waits")
        server.begin(at: start)
        #expect(!server.isSuspect(at: start + .milliseconds(200)))
        #expect(server.isSuspect(at: start + .milliseconds(400)))
        server.begin(at: start + .milliseconds(400))
        server.end(at: start + .milliseconds(500), isAnswer: true)
        #expect(!server.isSuspect(at: start + .milliseconds(600)))
        #expect(server.isSuspect(at: start + .milliseconds(900)), "the other one still waits")
        server.end(at: start + .milliseconds(900), isAnswer: false)
        #expect(!server.isSuspect(at: start + .seconds(10)))
    }
}
