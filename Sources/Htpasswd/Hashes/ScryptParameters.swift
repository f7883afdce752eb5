/// The parameters of scrypt's `$7$` and of yescrypt's `$y$` and `$gy$`, in the encodings of yescrypt-common.c.
struct ScryptParameters: Equatable {
    /// The binary logarithm of the number of blocks.
    var logN: UInt64
    /// The size of a block, in units of 128 bytes.
    var r: UInt64
    /// How often the whole is done.
    var p: UInt64 = 1
    /// How much longer than memory alone demands.
    var t: UInt64 = 0

    /// `$7$`: one digit for N, five each for r and p.
    /// - Parameter rest: what follows the mark.
    init(scrypt rest: ArraySlice<UInt8>) throws(PasswordHash.Defect) {
        guard rest.count > 11, let first = rest.first, let logN = CryptAlphabet.value(first), logN > 0,
            let r = CryptAlphabet.littleEndian(rest.dropFirst().prefix(5)),
            let p = CryptAlphabet.littleEndian(rest.dropFirst(6).prefix(5)), r > 0, p > 0
        else { throw .malformed("scrypt's parameters can't be read") }
        (self.logN, self.r, self.p) = (UInt64(logN), UInt64(r), UInt64(p))
    }

    /// `$y$`, `$gy$`: numbers of one digit or more each, up to the next dollar sign.
    /// - Parameter rest: what follows the mark.
    init(yescrypt rest: ArraySlice<UInt8>) throws(PasswordHash.Defect) {
        var reader = Reader(rest: rest.prefix { $0 != UInt8(ascii: "$") })
        guard reader.number(from: 0) != nil, let logN = reader.number(from: 1), logN < 64,
            let r = reader.number(from: 1)
        else { throw .malformed("yescrypt's parameters can't be read") }
        (self.logN, self.r) = (UInt64(logN), UInt64(r))
        guard !reader.rest.isEmpty else { return }
        // Which of p, t, g and the size of a ROM follow. libcrypt knows neither of the last two.
        guard let have = reader.number(from: 1), have & ~3 == 0 else {
            throw .malformed("yescrypt with parameters that are not supported")
        }
        if have & 1 != 0 { p = try reader.demand(from: 2) }
        if have & 2 != 0 { t = try reader.demand(from: 1) }
    }

    /// Reads yescrypt's numbers: the first digit tells how many follow.
    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func demand(from minimum: UInt32) throws(PasswordHash.Defect) -> UInt64 {
            guard let number = number(from: minimum) else { throw .malformed("yescrypt's parameters are cut short") }
            return UInt64(number)
        }

        /// decode64_uint32.
        mutating func number(from minimum: UInt32) -> UInt32? {
            guard let first = digit() else { return nil }
            var (start, end, count, bits): (UInt32, UInt32, Int, UInt32) = (0, 47, 1, 0)
            var number = minimum
            while first > end {
                number &+= (end + 1 - start) << bits
                start = end + 1
                end = start + (62 - end) / 2
                count += 1
                bits += 6
            }
            number &+= (first - start) << bits
            for _ in 1..<count {
                guard let next = digit() else { return nil }
                bits -= 6
                number &+= next << bits
            }
            return number
        }

        private mutating func digit() -> UInt32? {
            rest.popFirst().flatMap(CryptAlphabet.value)
        }
    }
}
