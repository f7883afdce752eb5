import Foundation

/// Where commands say what is wrong. What can't be written there can be told nowhere: it is passed over.
enum StandardError {
    /// Says something, in a line.
    static func say(_ text: String) { write(Visible.line(text) + "\n") }

    /// Writes a text as it is.
    static func write(_ text: String) { _ = Descriptor.write(Array(text.utf8), to: STDERR_FILENO) }
}
