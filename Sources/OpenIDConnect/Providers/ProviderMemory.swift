import Foundation

/// What a provider has published, and when it may be asked again: a pure value.
///
/// Who sends tokens with names of keys that nobody has must not make this server ask the provider each time.
struct ProviderMemory: Sendable {
    /// How long metadata and keys are good for.
    static let lifetime: TimeInterval = 3600
    /// The shortest time between two questions, whatever came of the first.
    static let pause: TimeInterval = 10

    struct Entry<Value: Sendable>: Sendable {
        private(set) var value: Value?
        var asked: Date?
        private var fetched: Date?
        /// How many values there were, this one included: which of two was fetched later.
        private(set) var version = 0

        /// What is known, if it is young enough.
        func known(at now: Date) -> Value? {
            guard let fetched, now.timeIntervalSince(fetched) < lifetime, now >= fetched.addingTimeInterval(-60) else {
                return nil
            }
            return value
        }

        /// Whether the provider may be asked now.
        func mayAsk(at now: Date) -> Bool {
            asked.map { now.timeIntervalSince($0) >= pause || now < $0.addingTimeInterval(-60) } ?? true
        }

        mutating func note(_ value: Value, at now: Date) {
            (self.value, fetched) = (value, now)
            version += 1
        }
    }

    var metadata = Entry<ProviderMetadata>()
    var keys = Entry<KeySet>()
}
