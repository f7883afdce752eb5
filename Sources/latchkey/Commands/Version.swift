import CBuild

/// Which Latchkey this is.
enum Version {
    /// The version, as CHANGELOG.md has it at the top.
    static let current = "0.2.0"
    /// The commit that it was built from, `-dirty` behind it if files had been changed since; `unknown` where the build could not tell.
    static let commit: String = {
        let text = String(cString: latchkey_commit())
        return text.isEmpty ? "unknown" : text
    }()
    /// What `latchkey --version` prints.
    static var text: String { "latchkey \(current) (\(commit))" }
}
