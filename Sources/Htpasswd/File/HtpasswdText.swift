import Credentials

/// The text of an htpasswd file, and its changes: a value, apart from any file.
struct HtpasswdText {
    private let bytes: [UInt8]
    /// Each line, its line feed included.
    private let lines: [Range<Int>]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var lines: [Range<Int>] = []
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
            lines.append(start..<end)
            start = end
        }
        self.lines = lines
    }

    /// The hash of a user's first line.
    func hash(of userName: UserName) -> [UInt8]? {
        firstLine(of: userName).map { Array(bytes[$0]) }
    }

    /// The text with a user's hash set.
    func setting(_ userName: UserName, to hash: [UInt8]) -> (bytes: [UInt8], result: Bool) {
        var changed = bytes
        if let range = firstLine(of: userName) {
            changed.replaceSubrange(range, with: hash)
            return (changed, true)
        }
        let isWindows = lines.first.map { bytes[$0].suffix(2).elementsEqual([0x0D, 0x0A]) } ?? false
        let end: [UInt8] = isWindows ? [0x0D, 0x0A] : [0x0A]
        if let last = changed.last, last != UInt8(ascii: "\n") { changed += end }
        return (changed + userName.utf8 + [UInt8(ascii: ":")] + hash + end, false)
    }

    /// The text without a user. A second line of theirs would come into force: it goes too.
    func removing(_ userName: UserName) -> (bytes: [UInt8], result: Bool) {
        let kept = lines.filter { hashRange($0, of: userName) == nil }
        return (kept.flatMap { bytes[$0] }, kept.count < lines.count)
    }

    private func firstLine(of userName: UserName) -> Range<Int>? {
        lines.lazy.compactMap { hashRange($0, of: userName) }.first
    }

    private func hashRange(_ line: Range<Int>, of userName: UserName) -> Range<Int>? {
        var range = line
        if bytes[range].last == UInt8(ascii: "\n") { range = range.lowerBound..<range.upperBound - 1 }
        if range.lowerBound == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { range = 3..<max(3, range.upperBound) }
        guard case .user(let name, let hash) = HtpasswdLine.read(bytes, range),
            bytes[name].elementsEqual(userName.utf8)
        else { return nil }
        return hash
    }
}
