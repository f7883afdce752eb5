/// API keys that somebody has typed in the wrong place, such as an argument or the field for the user's name: a message that quotes it goes into the
/// logs of whoever runs the command, and a decision into the server's.
enum MaskedKey {
    /// A text in which only the beginning of each key stands.
    static func text(_ text: String) -> String {
        // Each decision is looked at, and few have one.
        guard text.utf8.contains(UInt8(ascii: "_")) else { return text }
        return text.replacing(#/(?i)zak_[0-9a-f]{4,}/#) { _ in "zak_…" }
    }
}
