import Credentials
import Crypto
import Foundation

/// Checks the chain of audit files, line by line: names the first line that was changed, removed or put in.
struct AuditVerifier {
    /// What links a line.
    struct Line {
        let number: UInt64
        let previous: String
        let torn: String?
        let event: String?
        let time: String?
        let key: String?
        let signature: String?

        init?(_ bytes: [UInt8]) {
            guard let object = (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any],
                let number = object["seq"] as? NSNumber, let previous = object["prev"] as? String
            else { return nil }
            (self.number, self.previous) = (number.uint64Value, previous)
            (torn, event, time) = (object["torn"] as? String, object["event"] as? String, object["time"] as? String)
            (key, signature) = (object["key"] as? String, object["signature"] as? String)
        }
    }

    /// What is wrong, and where.
    struct Tampering: Error, CustomStringConvertible {
        var description: String
    }

    private let publicKey: Curve25519.Signing.PublicKey?
    /// Where the store says that the file ended.
    private let expected: AuditCheckpoint?
    private var last: (number: UInt64, hash: String, place: String)?
    private var torn: (bytes: [UInt8], place: String)?

    /// The number of the first line.
    private(set) var first: UInt64?
    /// How many lines were checked.
    private(set) var count = 0
    /// Lines that a crash or a full disk has cut short.
    private(set) var crashes: [String] = []
    /// The last checkpoint whose signature is right.
    private(set) var checkpoint: (number: UInt64, time: String)?
    /// Checkpoints that could not be checked, as there is no key.
    private(set) var unchecked = 0
    /// Whether the last line says that the server has stopped.
    private(set) var isClosed = false
    /// The number of the last line.
    var lastNumber: UInt64 { last?.number ?? 0 }

    /// - Parameters:
    ///   - publicKey: what checkpoints are checked by; nil to pass them over.
    ///   - expected: where the store says that the file ended; nil if it is not asked.
    init(publicKey: Curve25519.Signing.PublicKey? = nil, expected: AuditCheckpoint? = nil) {
        (self.publicKey, self.expected) = (publicKey, expected)
    }

    /// Takes the next file.
    /// - Parameters:
    ///   - bytes: its content.
    ///   - name: its name.
    /// - Throws: ``Tampering``.
    mutating func take(_ bytes: [UInt8], name: String) throws(Tampering) {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let tail = lines.removeLast()
        for (index, line) in lines.enumerated() { try take(Array(line), "\(name):\(index + 1)") }
        guard !tail.isEmpty else { return }
        try take(Array(tail), "\(name):\(lines.count + 1)")
    }

    /// Ends the last file: what stands at its end and is no line is half written.
    /// - Throws: ``Tampering`` if lines are missing that the store knows of.
    mutating func finish() throws(Tampering) {
        if let torn { crashes.append("\(torn.place): the last line is cut short: a crash, or it is being written") }
        guard let expected, lastNumber < expected.number else { return }
        throw Tampering(
            description:
                "lines \(lastNumber + 1) to \(expected.number) are missing at the end: the store has known line \(expected.number) since \(Timestamp.format(expected.date))"
        )
    }

    private mutating func take(_ bytes: [UInt8], _ place: String) throws(Tampering) {
        guard let line = Line(bytes) else {
            // The next line tells whether it was a crash.
            torn = torn.map { ($0.bytes + [UInt8(ascii: "\n")] + bytes, $0.place) } ?? (bytes, place)
            return
        }
        if let torn {
            guard line.torn == AuditChain.hash(of: torn.bytes) else {
                throw Tampering(
                    description:
                        "\(torn.place): this line was changed: it is none of the file's, and no crash is noted behind it"
                )
            }
            crashes.append("\(torn.place): a line was cut short by a crash or a full disk; the chain goes on behind it")
        } else if line.torn != nil {
            throw Tampering(description: "\(place): a line that was cut short is noted before this one, and is gone")
        }
        torn = nil
        try check(line, place)
        if line.event == "checkpoint" { try check(checkpoint: line, place) }
        isClosed = line.event == "stopped" || isClosed && line.event == "checkpoint"
        first = first ?? line.number
        let hash = AuditChain.hash(of: bytes)
        if let expected, line.number == expected.number, hash != expected.hash {
            throw Tampering(
                description: "\(place): this line, or one before it, was changed: the store knows another one")
        }
        last = (line.number, hash, place)
        count += 1
    }

    private func check(_ line: Line, _ place: String) throws(Tampering) {
        guard let last else {
            guard line.number > 1 || line.previous == AuditChain.genesis else {
                throw Tampering(description: "\(place): the first line does not begin a chain: it was changed")
            }
            return
        }
        if line.number == last.number + 1 {
            guard line.previous != last.hash else { return }
            throw Tampering(
                description:
                    "\(last.place): this line was changed, or the one behind it: the hash in \(place) is another")
        }
        if line.number > last.number + 1 {
            throw Tampering(
                description: "\(place): \(line.number - last.number - 1) line(s) were removed before this one: "
                    + "\(last.number + 1) to \(line.number - 1)")
        }
        throw Tampering(description: "\(place): this line was put in: number \(line.number) comes after \(last.number)")
    }

    private mutating func check(checkpoint line: Line, _ place: String) throws(Tampering) {
        guard let publicKey else {
            unchecked += 1
            return
        }
        guard line.key == AuditSigner.name(of: publicKey) else {
            unchecked += 1
            return
        }
        guard let signature = line.signature.flatMap({ Data(base64Encoded: $0) }),
            publicKey.isValidSignature(signature, for: AuditChain.signed(line.number, line.previous))
        else {
            throw Tampering(
                description: "\(place): the signature of this checkpoint is wrong: the chain before it was made anew")
        }
        checkpoint = (line.number, line.time ?? "")
    }
}
