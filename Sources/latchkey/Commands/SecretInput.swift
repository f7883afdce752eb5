import Credentials
import Foundation

/// Reads a secret: from a terminal without echo, else the first line of standard input. Never from an argument, which
/// every user of the machine could read.
enum SecretInput {
    /// The longest line that is looked at: whatever is longer is no secret (``CredentialRules``).
    private static let maximumLength = 1 << 16

    /// Reads one.
    /// - Parameter prompt: what a terminal shows.
    static func read(prompt: String) -> Secret {
        guard isatty(STDIN_FILENO) == 1 else { return Secret(bytes: line { .byte }) }
        let terminal = SilentTerminal(prompt: Visible.line(prompt))
        defer { terminal.end() }
        return Secret(bytes: line { terminal.wait() })
    }

    /// What there is to do next.
    enum Next {
        /// Read a byte.
        case byte
        /// The line is begun anew.
        case again
    }

    /// The bytes up to the end of a line, without it.
    private static func line(_ next: () -> Next) -> [UInt8] {
        var (bytes, byte): ([UInt8], UInt8) = ([], 0)
        while bytes.count < maximumLength {
            if case .again = next() { bytes = [] }
            let count = Foundation.read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count > 0, byte != UInt8(ascii: "\n") else { break }
            bytes.append(byte)
        }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return bytes
    }
}
