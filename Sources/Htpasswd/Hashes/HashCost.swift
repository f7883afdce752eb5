/// What verifying a hash costs, as its parameters say: read without hashing anything.
public struct HashCost: Sendable, Hashable {
    /// How often the innermost step of its format is done: rounds, powers of bcrypt's cost, blocks of memory that are
    /// filled. Comparable within one format alone. 0 for formats whose cost is fixed and small.
    public let steps: UInt64
    /// How much memory it takes at once, in bytes; 0 for what is not worth counting.
    public let memory: UInt64

    /// The cost of formats that have no parameter, and take a millisecond or less.
    static let fixed = HashCost(steps: 0)

    init(steps: UInt64, memory: UInt64 = 0) {
        self.steps = steps
        self.memory = memory
    }

    /// bcrypt: each step of the cost doubles the work.
    static func bcrypt(_ cost: Int) -> HashCost { HashCost(steps: 1 << UInt64(cost)) }

    /// SHA-crypt's `rounds=N$` (U. Drepper, "Unix crypt using SHA-256 and SHA-512"); without it 5,000.
    /// - Parameter rest: what follows the format's mark.
    static func shaCrypt(_ rest: ArraySlice<UInt8>) throws(PasswordHash.Defect) -> HashCost {
        let mark = "rounds=".utf8
        guard rest.starts(with: mark) else { return HashCost(steps: 5000) }
        guard let rounds = number(rest.dropFirst(mark.count)) else { throw .malformed("its rounds are no number") }
        return HashCost(steps: rounds)
    }

    /// BSDi's extended DES: four characters of iterations, the lowest first.
    static func extendedDES(_ field: ArraySlice<UInt8>) -> HashCost {
        HashCost(steps: UInt64(CryptAlphabet.littleEndian(field.dropFirst().prefix(4)) ?? 0))
    }

    /// NetBSD's `$sha1$N$`: iterations of HMAC-SHA-1.
    static func sha1Crypt(_ rest: ArraySlice<UInt8>) throws(PasswordHash.Defect) -> HashCost {
        guard let iterations = number(rest) else { throw .malformed("its iterations are no number") }
        return HashCost(steps: iterations)
    }

    /// Sun's `$md5,rounds=N$`: 4,096 rounds, and as many more as it says.
    /// - Parameter mark: what stands between the first two dollar signs.
    static func sunMD5(_ mark: ArraySlice<UInt8>) throws(PasswordHash.Defect) -> HashCost {
        let rounds = "md5,rounds=".utf8
        guard mark.starts(with: rounds) else { return HashCost(steps: 4096) }
        guard let more = number(mark.dropFirst(rounds.count)) else { throw .malformed("its rounds are no number") }
        return HashCost(steps: 4096 &+ min(more, .max / 2))
    }

    /// argon2: passes over so many KiB (RFC 9106, 3.1).
    static func argon2(memory: Int, passes: Int) -> HashCost {
        let kibibytes = UInt64(max(0, memory))
        return HashCost(
            steps: product(kibibytes, UInt64(max(0, passes))), memory: product(kibibytes, 1024))
    }

    /// scrypt and yescrypt: `2^N` blocks of `128 r` bytes, `p` times, and again for each unit of `t`.
    static func scrypt(_ parameters: ScryptParameters) -> HashCost {
        let blocks = parameters.logN < 63 ? UInt64(1) << parameters.logN : .max
        let size = product(blocks, parameters.r)
        return HashCost(
            steps: product(product(size, max(1, parameters.p)), parameters.t + 1), memory: product(size, 128))
    }

    /// The decimal number before the next dollar sign, or the end.
    private static func number(_ text: ArraySlice<UInt8>) -> UInt64? {
        UInt64(String(decoding: text.prefix { $0 != UInt8(ascii: "$") }, as: UTF8.self))
    }

    /// A product that ends at the largest number instead of trapping: the file's numbers are anybody's.
    private static func product(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let (value, overflow) = left.multipliedReportingOverflow(by: right)
        return overflow ? .max : value
    }
}
