/// API keys that somebody has typed in the wrong place, such as an argument: a message that quotes it goes into the logs of whoever runs the command.
enum MaskedKey {
    /// A text in which only the beginning of each key stands.
    static func text(_ text: String) -> String {
        text.replacing(#/zak_[0-9a-f]{4,}/#) { _ in "zak_…" }
    }
}
