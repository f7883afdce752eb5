import Credentials
import Foundation

/// Somebody who knows where an audit file ended: the store, or the file beside it.
struct AuditWitness: Sendable {
    /// Who it is, in messages.
    let name: String
    /// The number of the line that it knows.
    let number: UInt64
    /// The line's hash; nil if what it says is no hash.
    let hash: AuditHash?
    /// When it was told; nil if it does not say.
    let date: Date?

    /// The store.
    init(_ checkpoint: AuditCheckpoint) {
        name = "the store"
        // A damaged store is no reason to crash.
        number = UInt64(max(0, checkpoint.number))
        hash = AuditHash(checkpoint.hash)
        date = checkpoint.date
    }

    /// The file beside the audit file.
    init(_ head: AuditHead.Place, file: String) {
        (name, number, hash, date) = (AuditHead.path(of: file), head.number, head.hash, nil)
    }

    /// What it knows, in words.
    var words: String {
        date.map { "\(name) has known line \(number) since \(Timestamp.format($0))" } ?? "\(name) knows line \(number)"
    }
}
