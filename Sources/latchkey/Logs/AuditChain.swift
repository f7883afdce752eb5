import Credentials
import Foundation

/// Links the lines of the audit file: each carries its number and the SHA-256 of the line before it, so that none can be changed,
/// removed or put in without a trace. A pure state; ``AuditVerifier`` checks what it has made.
struct AuditChain: Sendable {
    /// What a line of the log never is: the place of a signed checkpoint.
    static let checkpoint = "\u{1}"
    /// The version of the form of the lines (docs/audit.schema.json).
    static let version = 1
    /// The version of checkpoints: all of such a line is signed, its time too. Those of version 1 sign number and hash alone.
    static let checkpointVersion = 2
    /// How much longer a line becomes by what links it, at most.
    static let overhead = 256

    /// The number of the last line; 0 before the first.
    private(set) var number: UInt64
    /// The hash of the last line.
    private(set) var hash: AuditHash
    /// What stands behind the last line: lines that a crash or a full disk has cut short.
    private var torn: TornText
    /// Signs checkpoints; nil for none.
    private let signer: AuditSigner?

    /// - Parameters:
    ///   - number: the number of the last line; 0 before the first.
    ///   - hash: the hash of the last line.
    ///   - torn: what stands behind it.
    ///   - signer: signs checkpoints; nil for none.
    init(
        number: UInt64 = 0, hash: AuditHash = .genesis, torn: TornText = TornText(), signer: AuditSigner? = nil
    ) {
        (self.number, self.hash, self.torn, self.signer) = (number, hash, torn, signer)
    }

    /// Makes the next line.
    /// - Parameter line: a JSON object without a line feed, or ``checkpoint``.
    /// - Returns: the same with what links it; nil for a checkpoint where nobody signs.
    mutating func link(_ line: String) -> String? {
        // What the type holds is twice what is read from a file (``AuditLine/maximumNumber``).
        let next = number + 1
        let cut = torn.isEmpty ? "" : "\"torn\":\"\(torn.hash)\","
        let links = "\"seq\":\(next),\"prev\":\"\(hash)\",\(cut)"
        let linked: String
        if line == Self.checkpoint {
            guard let signer else { return nil }
            let event = LogLine.json([
                ("time", Timestamp.format(.now)), ("event", "checkpoint"), ("key", signer.name),
            ])
            let signed = "{\"v\":\(Self.checkpointVersion),\(links)\(event.dropFirst().dropLast())"
            linked = "\(signed),\"signature\":\"\(signer.sign(Self.signed(signed)))\"}"
        } else {
            linked = "{\"v\":\(Self.version),\(links)\(line.dropFirst())"
        }
        number = next
        hash = AuditHash(of: linked)
        if !torn.isEmpty { torn = TornText() }
        return linked
    }

    /// How the lines begin that can come behind a line: what a crash has cut short begins so too.
    static func beginnings(behind number: UInt64, _ hash: AuditHash) -> [[UInt8]] {
        [version, checkpointVersion].map { Array("{\"v\":\($0),\"seq\":\(number + 1),\"prev\":\"\(hash)\",".utf8) }
    }

    /// Notes that something was written that is no whole line: the next one tells of it.
    mutating func cut(_ bytes: Span<UInt8>) { torn.append(bytes) }

    /// What a checkpoint's signature is for: all of its line that is before the signature.
    static func signed(_ line: some StringProtocol) -> Data {
        Data("latchkey-audit-v\(checkpointVersion)\n".utf8) + Data(line.utf8)
    }

    /// What the signature of a checkpoint of version 1 is for: not its time.
    static func signedFirst(_ number: UInt64, _ previous: AuditHash) -> Data {
        Data("latchkey-audit-v1\n\(number)\n\(previous)\n".utf8)
    }
}
