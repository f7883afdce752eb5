import Credentials
import Foundation

/// A key that was used lately, with when: an object, so that finding it copies nothing and a use of it writes one number.
final class KnownKey: Sendable {
    let record: APIKeyRecord
    /// The rule of the policy that blocks it.
    let rule: APIKeyPolicy.Rule?
    /// What lets it in, as far as that is known.
    private let admitted = Locked<Admission?>(nil)
    /// When it was used.
    let uses = UseMark()

    init(_ record: APIKeyRecord, rule: APIKeyPolicy.Rule?) {
        self.record = record
        self.rule = rule
    }

    /// What lets it in without a look at anything else; nil if that is not known.
    var admission: Admission? {
        get { admitted.withLock { $0 } }
        set { admitted.withLock { $0 = newValue } }
    }
}
