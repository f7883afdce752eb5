public import Credentials

/// An answer, and the time before which it must not be sent.
public struct HeldResponse: Sendable {
    /// The answer.
    public internal(set) var response: AuthResponse
    /// For a refusal: its place among those that wait. Keep it until the answer is sent, and send that no earlier than
    /// its `until`. Nil if the answer may go out at once.
    public let hold: RefusalHold?

    init(_ response: AuthResponse, hold: RefusalHold? = nil) {
        self.response = response
        self.hold = hold
    }
}
