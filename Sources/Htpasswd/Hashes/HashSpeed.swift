import Credentials
import Foundation

/// How long one step of each format takes (``HashCost/steps``): measured on this machine when the first hash of a format is
/// judged, in time of the CPU, so that a busy machine does not look slow.
public struct HashSpeed: Sendable {
    /// What this machine does.
    public static let ofThisMachine = HashSpeed(origin: .measured(Locked([:])))

    private enum Origin: Sendable {
        /// What has been measured so far, shared by all copies.
        case measured(Locked<[HashFormat: Double]>)
        case given([HashFormat: Double])
    }

    private let origin: Origin

    private init(origin: Origin) {
        self.origin = origin
    }

    /// Speeds that are known.
    /// - Parameter seconds: the seconds of one step, by format; what is not there takes no time.
    public init(seconds: [HashFormat: Double]) {
        origin = .given(seconds)
    }

    /// The seconds of one step. The first call for a format burns a CPU for some milliseconds: for a lane.
    func secondsPerStep(of format: HashFormat) -> Double {
        switch origin {
        case .given(let seconds): return seconds[format] ?? 0
        case .measured(let measurements):
            if let known = measurements.withLock({ $0[format] }) { return known }
            let seconds = Self.measure(format)
            measurements.withLock { $0[format] = seconds }
            return seconds
        }
    }

    /// A cheap hash of each format whose cost has a parameter.
    private static func sample(_ format: HashFormat) -> String? {
        let salt = "abcdefghijklmnop"
        return switch format {
        case .bcrypt: "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
        case .sha256Crypt: "$5$rounds=2000$\(salt)"
        case .sha512Crypt: "$6$rounds=2000$\(salt)"
        case .yescrypt: "$y$j9T$\(salt)"
        case .gostYescrypt: "$gy$j9T$\(salt)"
        case .scrypt: "$7$A6..../....\(salt)"
        case .extendedDES: "_/.1.abcd"
        case .sha1Crypt: "$sha1$4000$\(salt)"
        case .sunMD5: "$md5,rounds=1000$\(salt)$"
        case .argon2, .apr1, .md5Crypt, .sha1, .saltedSHA1, .plainText, .des, .ntHash: nil
        }
    }

    /// The best of three: what comes between can only make it slower.
    private static func measure(_ format: HashFormat) -> Double {
        let phrase = Array("a password of 24 bytes..".utf8)
        let hash: () -> Void
        let steps: UInt64
        if format == .argon2 {
            steps = HashCost.argon2(memory: 16_384, passes: 1).steps
            hash = { Argon2.spend(phrase, memory: 16_384, passes: 1) }
        } else {
            guard let sample = sample(format).map({ Array($0.utf8) }),
                let cost = try? PasswordHash.cost(of: format, sample[...])
            else { return 0 }
            steps = cost.steps
            hash = { _ = LibCrypt.hash(phrase, setting: sample) }
        }
        let best = (0..<3).map { _ in cpuSeconds(hash) }.min() ?? 0
        return best / Double(max(1, steps))
    }

    private static func cpuSeconds(_ body: () -> Void) -> Double {
        func reading() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        let before = reading()
        body()
        return reading() - before
    }
}
