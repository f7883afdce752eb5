import Foundation

/// What links a line of the trail, read from its bytes.
///
/// A line of ours is one flat JSON object of texts and whole numbers, without white space. Nothing else is one, whatever else JSON allows: what is no
/// line of ours is never a reason to stop, but text that the next line has to account for. The reader makes one pass over the bytes, and keeps none of them.
struct AuditLine: Sendable {
    /// The longest line that is read, or written. Ours have some hundred bytes, or a few megabytes where somebody's thousands of keys end at once.
    static let maximumLength = 4 << 20
    /// The highest number that is read. Half of what the type holds: whatever a file says, the next number can be counted.
    static let maximumNumber = UInt64(Int64.max)

    /// What the line says that matters to the chain.
    enum Event: Sendable, Equatable {
        /// The server has started.
        case started
        /// The server has stopped in order.
        case stopped
        /// A signature.
        case checkpoint(Checkpoint)
        /// Lines were lost, and the server says how many.
        case linesLost
        /// The server has found, when it opened the file, that the end was cut off or changed.
        case found(AuditFinding)
        /// Anything else.
        case other
    }

    /// The signature of a line and of all that is before it.
    struct Checkpoint: Sendable, Equatable {
        /// 1: number and hash are signed. 2: the whole line is.
        let version: UInt64
        /// When it was signed, as it stands there.
        let time: String
        /// The name of the key that has signed it, as it stands there.
        let key: String
        /// The signature, in base64.
        let signature: String
        /// How many of the line's bytes are signed, from the first one on; nil for version 1, and if bytes follow behind the signature.
        let signedLength: Int?
    }

    /// The number of the line.
    let number: UInt64
    /// The hash of the line before it.
    let previous: AuditHash
    /// The hash of what stands between the two, and is no line.
    let torn: AuditHash?
    /// What happened.
    let event: Event

    /// Reads a line without its line feed.
    /// - Returns: nil for what is no line of ours.
    init?(_ line: Span<UInt8>) {
        guard line.count <= Self.maximumLength, let members = AuditMembers(line) else { return nil }
        guard let version = members.number(.version, line), let number = members.number(.number, line),
            (1...Self.maximumNumber).contains(number), let previous = members.hash(.previous, line)
        else { return nil }
        let torn = members.hash(.torn, line)
        guard torn != nil || !members.has(.torn) else { return nil }
        (self.number, self.previous, self.torn) = (number, previous, torn)
        event = Self.event(members, line, version)
    }

    private static func event(_ members: AuditMembers, _ line: Span<UInt8>, _ version: UInt64) -> Event {
        func text(_ member: AuditMembers.Member) -> String { members.text(member, line) ?? "" }
        func count(_ member: AuditMembers.Member) -> UInt64 { UInt64(text(member)) ?? 0 }
        // It was not named before there were two.
        func witness() -> AuditFinding.Witness { AuditFinding.Witness(rawValue: text(.witness)) ?? .store }
        switch members.text(.event, line) {
        case "started": return .started
        case "stopped": return .stopped
        case "lines-lost": return .linesLost
        case "checkpoint":
            return .checkpoint(
                Checkpoint(
                    version: version, time: Self.time(text(.time)), key: text(.key), signature: text(.signature),
                    signedLength: version == 1 ? nil : members.lengthBeforeSignature(line)))
        case "lines-missing":
            return .found(AuditFinding(witness(), .missing(found: count(.found)), number: count(.expected)))
        case "line-changed":
            return .found(AuditFinding(witness(), .changed, number: count(.line)))
        case "lines-added":
            return .found(AuditFinding(witness(), .added(found: count(.found)), number: count(.line)))
        default: return .other
        }
    }

    /// A time as it stands in a line, to be shown: that of a checkpoint of version 1 may be anybody's, and a terminal acts on what is no time.
    private static func time(_ text: String) -> String {
        let isTime = text.utf8.count <= 40 && text.utf8.allSatisfy { (0x2B...0x5A).contains($0) }
        return isTime ? text : "unreadable"
    }
}
