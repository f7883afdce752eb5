import Foundation

/// Reads a database of bbolt (https://github.com/etcd-io/bbolt, the file format of its `page.go` and `bucket.go`): what zot keeps users
/// and keys in. Reading alone; each offset of the file is checked before it is followed.
///
/// What a file costs is bounded by its size, whoever wrote it: in a tree each page has one parent, and each byte belongs to one key or value. A
/// page that is named twice, or values that lie over one another, are damage.
struct BoltFile {
    /// What is wrong with a file.
    struct Damage: Error, CustomStringConvertible {
        var description: String
    }

    /// Keys and values in order; a nil value is a bucket within the bucket.
    typealias Pairs = [(key: [UInt8], value: [UInt8]?)]

    /// What one walk has used up of the file.
    private struct Budget {
        var pages: Set<UInt64> = []
        var bytes: Int
    }

    private static let magic: UInt32 = 0xED0C_DAED
    private static let pageHeader = 16
    private static let elementSize = 16
    /// Deeper than any tree of a file that fits onto a disk.
    private static let maximumDepth = 64

    private let bytes: [UInt8]
    private let pageSize: Int
    private let root: UInt64

    /// Reads the newest of the two meta pages.
    /// - Throws: ``Damage`` if the file is no such database, or neither page is whole.
    init(bytes: [UInt8]) throws(Damage) {
        self.bytes = bytes
        var metas: [(transaction: UInt64, pageSize: Int, root: UInt64)] = []
        // The second one lies behind a page of a size that only the first one tells, or one of the usual sizes.
        for offset in [0] + (9...16).map({ 1 << $0 }) {
            if let meta = Self.meta(bytes, at: offset), offset == 0 || meta.pageSize == offset { metas.append(meta) }
        }
        guard let newest = metas.max(by: { $0.transaction < $1.transaction }) else {
            throw Damage(description: "is no database of bbolt, or both of its first pages are damaged")
        }
        (pageSize, root) = (newest.pageSize, newest.root)
    }

    private static func meta(
        _ bytes: [UInt8], at offset: Int
    ) -> (transaction: UInt64, pageSize: Int, root: UInt64)? {
        let start = offset + pageHeader
        guard start + 64 <= bytes.count else { return nil }
        func number(_ position: Int, _ size: Int) -> UInt64 { littleEndian(bytes[(start + position)...].prefix(size)) }
        // FNV-1a, 64 bits, of what stands before it.
        let sum = bytes[start..<(start + 56)].reduce(14_695_981_039_346_656_037 as UInt64) {
            ($0 ^ UInt64($1)) &* 1_099_511_628_211
        }
        guard number(0, 4) == magic, number(4, 4) == 2, number(56, 8) == sum else { return nil }
        let pageSize = number(8, 4)
        guard (512...65_536).contains(pageSize) else { return nil }
        return (number(48, 8), Int(pageSize), number(16, 8))
    }

    /// The content of a bucket at the root.
    /// - Parameter name: its name.
    /// - Returns: nil if there is none.
    func bucket(_ name: String) throws(Damage) -> Pairs? {
        var budget = Budget(bytes: bytes.count)
        var found: (value: [UInt8], isBucket: Bool)?
        try walk(page: root, depth: 0, &budget) { key, value, isBucket in
            if key.elementsEqual(name.utf8) { found = (Array(value), isBucket) }
        }
        guard let found, found.isBucket else { return nil }
        guard found.value.count >= 16 else { throw damage("a bucket without a head") }
        budget = Budget(bytes: bytes.count)
        var pairs: Pairs = []
        let take = { (key: ArraySlice<UInt8>, value: ArraySlice<UInt8>, isBucket: Bool) in
            pairs.append((Array(key), isBucket ? nil : Array(value)))
        }
        let page = Self.littleEndian(found.value[..<8])
        if page == 0 {
            try walk(inline: found.value[16...], &budget, take)
        } else {
            try walk(page: page, depth: 0, &budget, take)
        }
        return pairs
    }

    private typealias Taker = (ArraySlice<UInt8>, ArraySlice<UInt8>, Bool) -> Void

    private func walk(
        page id: UInt64, depth: Int, _ budget: inout Budget, _ take: Taker
    ) throws(Damage) {
        guard depth < Self.maximumDepth else { throw damage("a tree that never ends") }
        guard id < UInt64(bytes.count / pageSize + 1), case let start = Int(id) * pageSize,
            start + Self.pageHeader <= bytes.count
        else { throw damage("a page that is not there") }
        guard budget.pages.insert(id).inserted else { throw damage("a page that is named twice") }
        let length = Self.littleEndian(bytes[(start + 12)...].prefix(4)) + 1
        guard length <= UInt64(bytes.count / pageSize + 1) else { throw damage("a page that is too long") }
        let page = bytes[start..<min(bytes.count, start + Int(length) * pageSize)]
        let count = Int(Self.littleEndian(page[(start + 10)...].prefix(2)))
        switch Self.littleEndian(page[(start + 8)...].prefix(2)) {
        case 0x01:
            for index in 0..<count {
                let element = start + Self.pageHeader + index * Self.elementSize
                guard element + Self.elementSize <= page.endIndex else { throw damage("a branch that is too short") }
                try walk(
                    page: Self.littleEndian(page[(element + 8)...].prefix(8)), depth: depth + 1, &budget, take)
            }
        case 0x02: try walk(leaf: page, count, &budget, take)
        default: throw damage("a page of a kind that does not belong here")
        }
    }

    private func walk(inline page: ArraySlice<UInt8>, _ budget: inout Budget, _ take: Taker) throws(Damage) {
        guard page.count >= Self.pageHeader else { throw damage("a bucket that is too short") }
        try walk(leaf: page, Int(Self.littleEndian(page[(page.startIndex + 10)...].prefix(2))), &budget, take)
    }

    private func walk(
        leaf page: ArraySlice<UInt8>, _ count: Int, _ budget: inout Budget, _ take: Taker
    ) throws(Damage) {
        for index in 0..<count {
            let element = page.startIndex + Self.pageHeader + index * Self.elementSize
            guard element + Self.elementSize <= page.endIndex else { throw damage("a leaf that is too short") }
            // Of 32 bits each: their sum fits.
            func number(_ position: Int) -> Int { Int(Self.littleEndian(page[(element + position)...].prefix(4))) }
            let (start, keySize, valueSize) = (element + number(4), number(8), number(12))
            guard start + keySize + valueSize <= page.endIndex else { throw damage("a value that is too long") }
            budget.bytes -= Self.elementSize + keySize + valueSize
            guard budget.bytes >= 0 else { throw damage("values that lie over one another") }
            take(
                page[start..<(start + keySize)], page[(start + keySize)..<(start + keySize + valueSize)],
                number(0) & 1 == 1)
        }
    }

    private func damage(_ what: String) -> Damage { Damage(description: "is damaged: it has \(what)") }

    private static func littleEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
