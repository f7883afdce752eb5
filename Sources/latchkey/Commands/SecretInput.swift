import Credentials
import Foundation

/// Reads a secret: from a terminal without echo, else the first line of standard input. Never from an argument, which
/// every user of the machine could read.
enum SecretInput {
    /// Reads one.
    /// - Parameter prompt: what a terminal shows.
    static func read(prompt: String) -> Secret {
        guard isatty(STDIN_FILENO) == 1 else { return Secret(readLine(strippingNewline: true) ?? "") }
        FileHandle.standardError.write(Data(prompt.utf8))
        var settings = termios()
        tcgetattr(STDIN_FILENO, &settings)
        let before = settings
        settings.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
        defer {
            var before = before
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
            FileHandle.standardError.write(Data("\n".utf8))
        }
        return Secret(readLine(strippingNewline: true) ?? "")
    }
}
