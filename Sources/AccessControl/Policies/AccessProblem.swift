/// Why an ``AccessConfiguration`` can't be honoured.
public struct AccessProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// The pattern of `repositories` that it is about; nil if it is about something else.
    public let pattern: String?
    /// What is wrong, and what to do.
    public let description: String

    init(pattern: String? = nil, _ description: String) {
        self.pattern = pattern
        self.description = description
    }
}
