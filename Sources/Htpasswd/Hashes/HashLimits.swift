import Foundation

/// How much one hash may cost: what stands in a file must not make a thread work for longer than the operator wants.
public struct HashLimits: Sendable {
    /// The longest time that verifying one hash may take, on this machine with a CPU for itself.
    public var maximumTime = Duration.seconds(2)
    /// Other times for single formats.
    public var maximumTimes: [HashFormat: Duration] = [:]
    /// The highest bcrypt cost; nil for what the time allows. Each step doubles the time.
    public var maximumBcryptCost: Int?
    /// The most memory that one hash may take, in bytes. As many may be at work at once as the machine has cores.
    public var maximumMemory = HashLimits.usualMemory
    /// What a step of each format takes.
    public var speed = HashSpeed.ofThisMachine

    /// The limits that fit nearly everybody: two seconds, and a quarter of the machine's memory, at most 1 GiB.
    public init() {}

    private static let usualMemory = min(1 << 30, ProcessInfo.processInfo.physicalMemory / 4)
    /// What a password has at most, for nearly everybody: the times are those of one as long.
    private static let usualLength = 24

    /// A hash that costs more than it may.
    public enum Excess: Error, Sendable, Hashable, CustomStringConvertible {
        /// It would take too long.
        case time(seconds: Double, limit: Duration)
        /// Its bcrypt cost is over the one that was set.
        case bcryptCost(Int, limit: Int)
        /// It would take too much memory.
        case memory(bytes: UInt64, limit: UInt64)

        /// What it would take, and which setting says no.
        public var description: String {
            switch self {
            case .time(let seconds, let limit):
                "verifying it takes some \(Self.rounded(seconds)) s of this machine, over the limit of "
                    + "\(Self.rounded(limit / .seconds(1))) s (maximumHashTime)"
            case .bcryptCost(let cost, let limit):
                "its bcrypt cost \(cost) is over the limit of \(limit) (maximumBcryptCost)"
            case .memory(let bytes, let limit):
                "verifying it takes \(bytes >> 20) MiB of memory, over the limit of \(limit >> 20) MiB (maximumHashMemory)"
            }
        }

        private static func rounded(_ seconds: Double) -> String {
            seconds >= 10 ? String(Int(min(1e15, seconds))) : String((seconds * 10).rounded() / 10)
        }
    }

    /// The most steps that a hash of a format may have.
    func maximumSteps(of format: HashFormat) -> UInt64 {
        if format == .bcrypt, let maximumBcryptCost { return 1 << UInt64(max(0, min(31, maximumBcryptCost))) }
        let seconds = speed.secondsPerStep(of: format)
        guard seconds > 0 else { return .max }
        let steps = (maximumTimes[format] ?? maximumTime) / .seconds(1) / seconds
        return steps < 1e18 ? UInt64(max(0, steps)) : .max
    }

    /// Why a hash costs too much.
    /// - Parameter steps: ``maximumSteps(of:)`` of its format, where the caller has it already.
    /// - Returns: nil if it does not.
    func excess(_ format: HashFormat, _ cost: HashCost, steps: UInt64? = nil) -> Excess? {
        if cost.memory > maximumMemory { return .memory(bytes: cost.memory, limit: maximumMemory) }
        guard cost.steps > 0, cost.steps > steps ?? maximumSteps(of: format) else { return nil }
        if format == .bcrypt, let maximumBcryptCost {
            return .bcryptCost(cost.steps.trailingZeroBitCount, limit: maximumBcryptCost)
        }
        return .time(
            seconds: Double(cost.steps) * speed.secondsPerStep(of: format), limit: maximumTimes[format] ?? maximumTime)
    }

    /// The longest secret that a hash may be given, in bytes: the time of SHA-crypt grows with the password too.
    func maximumSecretLength(of format: HashFormat, _ cost: HashCost) -> Int {
        guard format == .sha256Crypt || format == .sha512Crypt else { return .max }
        let block = format == .sha512Crypt ? 128.0 : 64.0
        func blocks(_ length: Int) -> Double {
            // Digest and, on the average, 13/7 passwords and 2/3 salts a round, and what SHA-2 adds at the end.
            ((block / 2 + 1.86 * Double(length) + 11 + block / 7) / block).rounded(.up)
        }
        let spare = Double(maximumSteps(of: format)) / Double(max(1, cost.steps)) * blocks(Self.usualLength)
        return [LibCrypt.maximumSecretLength, 256, 128, 72].first { blocks($0) <= spare } ?? Self.usualLength
    }
}

extension HashLimits: CustomStringConvertible {
    /// The limits in words, for an operator.
    public var description: String {
        var parts = ["a hash may take \(maximumTime / .seconds(1)) s of this machine"]
        for (format, time) in maximumTimes.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            parts.append("\(format) \(time / .seconds(1)) s")
        }
        parts.append("\(maximumMemory >> 20) MiB of memory")
        let cost = maximumSteps(of: .bcrypt).leadingZeroBitCount
        parts.append("bcrypt so a cost of at most \(max(0, 63 - cost))")
        return parts.joined(separator: ", ")
    }
}
