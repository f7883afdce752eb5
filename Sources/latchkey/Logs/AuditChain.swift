import Credentials
import Crypto
import Foundation

/// Links the lines of the audit file: each carries its number and the SHA-256 of the line before it, so that none can be changed,
/// removed or put in without a trace. A pure state; ``AuditVerifier`` checks what it has made.
struct AuditChain: Sendable {
    /// What a line of the log never is: the place of a signed checkpoint.
    static let checkpoint = "\u{1}"
    /// The version of the form of the lines (docs/audit.schema.json).
    static let version = 1
    /// What stands in place of a hash before the first line.
    static let genesis = String(repeating: "0", count: 64)

    /// The number of the last line; 0 before the first.
    private(set) var number: UInt64
    /// The hash of the last line.
    private(set) var hash: String
    /// What stands behind the last line: lines that a crash or a full disk has cut short.
    private var torn: [UInt8] = []
    /// Signs checkpoints; nil for none.
    private let signer: AuditSigner?

    init(number: UInt64 = 0, hash: String = AuditChain.genesis, signer: AuditSigner? = nil) {
        self.number = number
        self.hash = hash
        self.signer = signer
    }

    /// Makes the next line.
    /// - Parameter line: a JSON object without a line feed, or ``checkpoint``.
    /// - Returns: the same with what links it; nil for a checkpoint where nobody signs.
    mutating func link(_ line: String) -> String? {
        var fields = line.dropFirst()
        if line == Self.checkpoint {
            guard let signer else { return nil }
            let event = LogLine.json([
                ("time", Timestamp.format(.now)), ("event", "checkpoint"), ("key", signer.name),
                ("signature", signer.sign(Self.signed(number + 1, hash))),
            ])
            fields = event.dropFirst()
        }
        let cut =
            torn.isEmpty
            ? "" : "\"torn\":\"\(Self.hash(of: torn.last == Self.lineFeed ? torn.dropLast() : torn[...]))\","
        let linked = "{\"v\":\(Self.version),\"seq\":\(number + 1),\"prev\":\"\(hash)\",\(cut)\(fields)"
        number += 1
        hash = Self.hash(of: linked.utf8)
        torn = []
        return linked
    }

    /// Notes that something was written that is no whole line: the next one tells of it.
    mutating func cut(_ bytes: some Sequence<UInt8>) { torn += bytes }

    private static let lineFeed = UInt8(ascii: "\n")

    /// What a checkpoint's signature is for.
    static func signed(_ number: UInt64, _ previous: String) -> Data {
        Data("latchkey-audit-v\(version)\n\(number)\n\(previous)\n".utf8)
    }

    /// The hash of a line without its line feed.
    static func hash(of line: some Sequence<UInt8>) -> String {
        SHA256.hash(data: Array(line)).hexadecimal
    }
}
