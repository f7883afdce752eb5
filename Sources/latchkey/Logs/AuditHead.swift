import Foundation

/// Where the chain of an audit file ends: kept beside the file, so that it goes on over a rotation and a restart.
struct AuditHead {
    private let path: String
    private let file: FileHandle

    /// - Parameter path: the audit file's path.
    init(path: String) throws(ConfigurationError) {
        self.path = path
        let place = path + ".head"
        let descriptor = open(place, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw ConfigurationError(
                place: place, message: "can't be written (\(reason)): the audit file needs it for its chain")
        }
        file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Finds where the chain goes on: behind the last whole line of the file, or where it was when the file was rotated away.
    /// - Returns: the chain, and whether the file ends within a line.
    func resume(signer: AuditSigner?) throws(ConfigurationError) -> (chain: AuditChain, endsWithinLine: Bool) {
        var tail = try lastLines()
        var endsWithinLine = tail.torn.last.map { $0 != UInt8(ascii: "\n") } ?? false
        let kept = (try? file.readToEnd()).flatMap(\.self).map { String(decoding: $0, as: UTF8.self) } ?? ""
        var chain = AuditChain(signer: signer)
        if let match = kept.wholeMatch(of: /(\d{20}) ([0-9a-f]{64})\n/), let number = UInt64(match.output.1) {
            chain = AuditChain(number: number, hash: String(match.output.2), signer: signer)
        }
        if AuditVerifier.Line(tail.torn) != nil {
            // Nothing of it is missing but its line feed.
            (tail.whole, tail.torn) = (tail.torn, [])
            endsWithinLine = true
        }
        if let line = tail.whole, let number = AuditVerifier.Line(line)?.number, number >= chain.number {
            chain = AuditChain(number: number, hash: AuditChain.hash(of: line), signer: signer)
        }
        chain.cut(tail.torn)
        return (chain, endsWithinLine)
    }

    /// Keeps where the chain is: always as many bytes, in one write. Failing to is no reason to stop: the file itself tells most of it.
    func keep(_ chain: AuditChain) {
        let digits = String(chain.number)
        let line = String(repeating: "0", count: max(0, 20 - digits.count)) + digits + " \(chain.hash)\n"
        _ = line.utf8.withContiguousStorageIfAvailable { pwrite(file.fileDescriptor, $0.baseAddress, $0.count, 0) }
    }

    /// The last line that is whole, and what stands behind it.
    private func lastLines() throws(ConfigurationError) -> (whole: [UInt8]?, torn: [UInt8]) {
        guard let handle = FileHandle(forReadingAtPath: path) else { return (nil, []) }
        defer { try? handle.close() }
        do {
            let size = try handle.seekToEnd()
            // Lines are short, but for what clients put into them, which is bounded by the size of a head.
            var length = min(size, 1 << 16)
            while true {
                try handle.seek(toOffset: size - length)
                let bytes = [UInt8](try handle.read(upToCount: Int(length)) ?? Data())
                if let (line, end) = Self.lastLine(bytes, isWhole: length == size) {
                    return (line, Array(bytes[end...]))
                }
                guard length < size else { return (nil, bytes) }
                length = min(size, length * 4)
            }
        } catch {
            throw ConfigurationError(place: path, message: "can't be read, to go on with its chain: \(error)")
        }
    }

    /// - Parameter isWhole: whether the first line begins where the bytes do.
    /// - Returns: the last line that links, and where what stands behind it begins.
    private static func lastLine(_ bytes: [UInt8], isWhole: Bool) -> ([UInt8], end: Int)? {
        let ends = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }
        for (index, end) in ends.enumerated().reversed() where index > 0 || isWhole {
            let line = Array(bytes[(index > 0 ? ends[index - 1] + 1 : 0)..<end])
            if AuditVerifier.Line(line) != nil { return (line, end + 1) }
        }
        return nil
    }
}
