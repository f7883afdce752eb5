import Credentials
import Foundation

/// Where commands print. What can't be written, as on a full disk or into a pipe that nobody reads any more, is remembered: a command that could
/// not say what it found must not end with 0.
enum StandardOutput {
    private struct State {
        var reason: Int32?
        var isTold = false
    }

    private static let state = Locked(State())

    /// Why something could not be written; nil if all was.
    static var failure: OutputFailure? { state.withLock { $0.reason.map { OutputFailure(code: $0) } } }
    /// The same, unless it was said already.
    static var untoldFailure: OutputFailure? { state.withLock { $0.isTold } ? nil : failure }

    /// Notes that the failure was said.
    static func noteTold() { state.withLock { $0.isTold = true } }

    /// Writes bytes as they are. After a failure nothing more is written: what follows a gap means something else.
    static func write(_ bytes: some Sequence<UInt8>) {
        state.withLock { state in
            guard state.reason == nil else { return }
            state.reason = Descriptor.write(Array(bytes), to: STDOUT_FILENO)
        }
    }

    /// Ends a loop whose output nobody can read.
    /// - Throws: ``OutputFailure`` if something could not be written.
    static func check() throws(OutputFailure) {
        if let failure { throw failure }
    }
}

/// Why something could not be printed.
struct OutputFailure: Error, CustomStringConvertible {
    /// The system's number.
    var code: Int32
    /// What there is to do, where something was done that should have been told.
    var advice: String?

    var description: String {
        "standard output can't be written (\(String(cString: strerror(code))))\(advice.map { ": \($0)" } ?? "")"
    }
}

/// Prints a line, in place of Swift's own `print`, which nobody tells what could not be written. What a file, a directory or a server has put
/// into it can't drive the terminal.
func print(_ text: String, terminator: String = "\n") {
    StandardOutput.write(Array((Visible.text(text) + terminator).utf8))
}
