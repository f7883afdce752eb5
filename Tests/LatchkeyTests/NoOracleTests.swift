import Foundation
import TestSupport
import Testing

/// The two-sample test of Kolmogorov and Smirnov: how far apart two distributions are at most, 0 to 1.
private func kolmogorovSmirnov(_ left: [Double], _ right: [Double]) -> Double {
    (left + right).map { time in
        let below = { (sample: [Double]) in Double(sample.count { $0 <= time }) / Double(sample.count) }
        return abs(below(left) - below(right))
    }.max() ?? 0
}

@Suite("Refusals tell nothing", .serialized)
struct NoOracleTests {
    @Test("The statistic tells different distributions apart, and equal ones not")
    func statistic() {
        let sample = (0..<60).map { Double($0) }
        #expect(kolmogorovSmirnov(sample, sample) == 0)
        #expect(kolmogorovSmirnov(sample, sample.map { $0 + 1000 }) == 1)
        #expect(kolmogorovSmirnov(sample, sample.map { $0 + 30 }) == 0.5)
    }

    /// With `failDelay` 0 nothing covers the time that the work itself takes: 60 samples of each kind, in turns, must not
    /// be further apart than D = 0.45. Of equal distributions, one in 100,000 comparisons is (c(α) = 2.47 for α = 10⁻⁵,
    /// times √(2/60)); a hash that is spent on one kind and not on the other makes D = 1.
    @Test("Unknown user, wrong password, disabled account and expired key: the same answer in the same time")
    func times() async throws {
        let folder = try TemporaryFolder()
        let htpasswd = try Program("htpasswd", package: "apache2-utils")
        _ = try await htpasswd.run(["-cbB", "-C", "8", folder.path("htpasswd"), "amy", "apple"])
        try folder.write("htpasswd", try folder.text("htpasswd") + "locked:!\n")
        let server = try await Latchkey(
            auth: "htpasswd: { path: htpasswd }, apikey: true, throttle: { enabled: false }", folder: folder)
        // On a machine that does other things too the password takes its time, and the key must still be young then.
        let end = Date(timeIntervalSinceNow: 6).formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        let (key, _) = try await server.createKey("amy:apple", #"{"expirationDate": "\#(end)"}"#)
        try await eventually("the key has expired") {
            try await server.curl("/v2/", "-u", "amy:\(key)").status == "401"
        }
        var times: [[Double]] = [[], [], [], []]
        var answers: Set<String> = []
        for i in 0..<60 {
            let credentials = ["nobody\(i):pear\(i)", "amy:pear\(i)", "locked:pear\(i)", "amy:\(key)"]
            for kind in credentials.indices.shuffled() {
                let answer = try await server.curl(
                    "/v2/", "-u", credentials[kind], "-D", "-", "-w", "\n%{time_total}")
                times[kind].append(try #require(Double(answer.status)))
                answers.insert(answer.body)
            }
        }
        #expect(answers.count == 1, "\(answers)")
        for kind in 1..<4 {
            let distance = kolmogorovSmirnov(times[0], times[kind])
            #expect(distance < 0.45, "kind \(kind): \(distance)")
        }
        #expect(times.joined().min() ?? 0 > 0.002, "each of them costs a hash")
    }
}
