import Credentials

/// Reads the lines of an htpasswd file into the parts of an ``HtpasswdTable``.
struct HtpasswdTableBuilder {
    private let bytes: [UInt8]
    private let limits: HtpasswdTable.Limits
    let seed = UInt64.random(in: .min ... .max)
    private(set) var slots: [UInt32]
    private(set) var userCount = 0
    private(set) var usableCount = 0
    private(set) var diagnostics: [HtpasswdDiagnostic] = []
    private(set) var diagnosticCount = 0
    /// A format with a cost.
    private struct Kind: Hashable {
        var format: HashFormat
        var cost: HashCost
    }

    /// How many users have a hash of each kind that is verified, and where the first of them is.
    private var kinds: [Kind: (count: Int, hash: Range<Int>)] = [:]
    /// The most steps that a hash of each format may have, for those that the file has.
    private var maximumSteps: [HashFormat: UInt64] = [:]

    init(bytes: [UInt8], limits: HtpasswdTable.Limits) {
        self.bytes = bytes
        self.limits = limits
        var lines = 1
        for byte in bytes where byte == UInt8(ascii: "\n") { lines += 1 }
        self.slots = Array(repeating: 0, count: HtpasswdIndex.capacity(for: lines))
    }

    /// The hash that stands for the kind most users have.
    var typicalHash: PasswordHash? {
        kinds.values.max { ($0.count, $1.hash.lowerBound) < ($1.count, $0.hash.lowerBound) }
            .flatMap { try? PasswordHash(Array(bytes[$0.hash]), allowPlainText: limits.allowPlainText) }
    }

    mutating func readLines() {
        let end = min(bytes.count, Int(UInt32.max) - 1)
        var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0  // a byte order mark is no part of a name
        var number = 1
        while start < end {
            var lineEnd = start
            while lineEnd < end, bytes[lineEnd] != UInt8(ascii: "\n") { lineEnd += 1 }
            readLine(start..<lineEnd, number: number)
            start = lineEnd + 1
            number += 1
        }
    }

    private mutating func readLine(_ range: Range<Int>, number: Int) {
        switch HtpasswdLine.read(bytes, range) {
        case .nothing: break
        case .missingColon: report(.missingColon, number)
        case .emptyUserName: report(.emptyUserName, number)
        case .user(let name, let hash): add(name: name, hash: hash, number: number)
        }
    }

    private mutating func add(name: Range<Int>, hash: Range<Int>, number: Int) {
        let place = HtpasswdIndex.place(of: bytes[name], in: slots, of: bytes, seed: seed)
        guard slots[place] == 0 else {
            return report(.duplicateUser(firstLine: lineNumber(of: Int(slots[place]) - 1)), number, name)
        }
        slots[place] = UInt32(name.lowerBound) + 1
        userCount += 1
        do throws(PasswordHash.Defect) {
            let format = try PasswordHash.classify(bytes[hash], allowPlainText: limits.allowPlainText)
            let kind = Kind(format: format, cost: try PasswordHash.cost(of: format, bytes[hash]))
            if kind.cost != .fixed, let excess = excess(of: kind) { return report(.tooCostly(excess), number, name) }
            usableCount += 1
            kinds[kind, default: (0, hash)].count += 1
        } catch {
            report(.unusableHash(error), number, name)
        }
    }

    private mutating func excess(of kind: Kind) -> HashLimits.Excess? {
        let steps = maximumSteps[kind.format] ?? limits.hashes.maximumSteps(of: kind.format)
        maximumSteps[kind.format] = steps
        return limits.hashes.excess(kind.format, kind.cost, steps: steps)
    }

    private mutating func report(_ kind: HtpasswdDiagnostic.Kind, _ line: Int, _ name: Range<Int>? = nil) {
        diagnosticCount += 1
        guard diagnostics.count < limits.diagnostics else { return }
        diagnostics.append(
            .init(line: line, userName: name.map { UserName(String(decoding: bytes[$0], as: UTF8.self)) }, kind: kind))
    }

    private func lineNumber(of offset: Int) -> Int {
        // Only for a duplicate that is described: past the limit nobody reads the number.
        guard diagnostics.count < limits.diagnostics else { return 0 }
        return 1 + bytes[..<offset].count { $0 == UInt8(ascii: "\n") }
    }
}
