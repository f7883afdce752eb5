/// Which Latchkey this is.
enum Version {
    /// The version, as CHANGELOG.md has it at the top.
    static let current = "0.2.0"
}
