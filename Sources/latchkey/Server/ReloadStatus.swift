import Credentials
import Foundation

/// What came of reading the configuration again. Safe to share.
final class ReloadStatus: Sendable {
    private struct State {
        var succeeded = 0
        var failed = 0
        var isCurrent = true
        var lastSuccess = Date.now
    }

    private let state = Locked(State())

    /// Whether what is in force is what the operator has set last.
    var isCurrent: Bool { state.withLock { $0.isCurrent } }
    /// How often it was taken into force.
    var succeeded: Int { state.withLock { $0.succeeded } }
    /// How often it was broken, and the one of before stayed.
    var failed: Int { state.withLock { $0.failed } }
    /// When what is in force was read.
    var lastSuccess: Date { state.withLock { $0.lastSuccess } }

    func succeed() {
        state.withLock { state in
            state.succeeded += 1
            state.isCurrent = true
            state.lastSuccess = .now
        }
    }

    func fail() {
        state.withLock { state in
            state.failed += 1
            state.isCurrent = false
        }
    }
}
