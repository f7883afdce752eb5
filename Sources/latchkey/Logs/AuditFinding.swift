import Foundation

/// What a server finds wrong with the end of its audit file when it opens it: what somebody does while nobody writes.
struct AuditFinding: Sendable, Equatable {
    /// Who knows better.
    enum Witness: String, Sendable {
        /// The file beside the audit file.
        case head
        /// The store.
        case store
        /// The audit file itself: what stands at its end no server has written.
        case file
    }

    enum Kind: Sendable, Equatable {
        /// Lines are gone; the last one that is there has this number.
        case missing(found: UInt64)
        /// The line is there, and is another one.
        case changed
        /// The line is there, and nothing could have come behind it; the last one that is there has this number.
        case added(found: UInt64)
    }

    let witness: Witness
    let kind: Kind
    /// The number of the line that the witness knows.
    let number: UInt64

    init(_ witness: Witness, _ kind: Kind, number: UInt64) {
        (self.witness, self.kind, self.number) = (witness, kind, number)
    }

    /// The event that tells of it in the file itself (docs/audit.schema.json).
    func line(at date: Date) -> String {
        let fields =
            switch kind {
            case .missing(let found): [("event", "lines-missing"), ("expected", "\(number)"), ("found", "\(found)")]
            case .changed: [("event", "line-changed"), ("line", "\(number)")]
            case .added(let found): [("event", "lines-added"), ("line", "\(number)"), ("found", "\(found)")]
            }
        return LogLine.json([("time", Timestamp.format(date))] + fields + [("witness", witness.rawValue)])
    }

    /// What to say of it in the log.
    /// - Parameter file: the audit file's path.
    func message(_ file: String) -> String {
        let source =
            switch witness {
            case .head: "\(file).head"
            case .store: "the store"
            case .file: "the file itself"
            }
        return switch kind {
        case .added(let found):
            "\(file): text was put behind line \(number) while the server was stopped, up to line \(found): \(source) shows that no server has written it. Don't trust what stands there"
        case .missing(let found):
            "\(file): lines are missing at its end: \(source) knows line \(number), and the file ended with line \(found) when it was opened. Somebody has cut it off, or the machine has lost power"
        case .changed:
            "\(file): line \(number), or one behind it, was changed while the server was stopped: \(source) knows another one"
        }
    }

    /// What to say of it where the file is checked. The numbers stand in the file, and are no more than told: whoever wrote them may have made them up.
    var summary: String {
        let source =
            switch witness {
            case .head: "the file beside it"
            case .store: "the store"
            case .file: "the file itself"
            }
        return switch kind {
        case .added(let found):
            "the server found text that was put in when it opened the file, behind line \(number) and up to line \(found): \(source) showed that no server had written it"
        case .missing(let found):
            "the server found lines missing when it opened the file: it ended with line \(found), and \(source) knew line \(number)"
        case .changed:
            "the server found the file changed when it opened it: \(source) knew another line \(number), or another one behind it"
        }
    }
}
