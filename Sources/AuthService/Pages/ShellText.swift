/// Words of a command that a page shows, to be copied into a shell.
enum ShellText {
    /// A word as a shell reads it: as it is if nothing in it means anything, else in single quotes (POSIX.1-2024, Shell Command Language, 2.2.2).
    static func quoted(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "._@+-/:".utf8.contains(byte)
                }
            }
        guard !isPlain else { return text }
        // Scalars, not characters: a mark that combines with a quote hides it.
        let inner = text.unicodeScalars.map { $0 == "'" ? #"'\''"# : String($0) }
        return "'\(inner.joined())'"
    }
}
