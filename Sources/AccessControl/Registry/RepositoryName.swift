/// A repository's name, as the OCI distribution specification 1.1 has it ("Pulling manifests"): components of lower-case letters,
/// digits and single separators (`.`, `_`, `__`, any number of `-`), joined by slashes, 255 bytes at most.
///
/// There is no other way to ask for a decision: a name that a registry might read in two ways never gets that far.
public struct RepositoryName: Sendable, Hashable, CustomStringConvertible {
    /// The longest name, in bytes. With `/v2/` and a host it must fit into the 255 characters of a reference.
    public static let maximumLength = 255

    /// The name.
    public let text: String
    /// Its components.
    let components: [Substring]
    /// The same by their bytes: what patterns with stars go through again and again.
    let bytes: [[UInt8]]

    /// Reads a name.
    /// - Parameter text: the name.
    /// - Returns: nil if it is none.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count <= Self.maximumLength else { return nil }
        let text = String(text)
        var form = NameForm.start
        for byte in text.utf8 {
            guard let next = form.next(byte) else { return nil }
            form = next
        }
        guard form.isComplete else { return nil }
        self.text = text
        components = text.split(separator: "/")
        bytes = components.map { Array($0.utf8) }
    }

    /// The name.
    public var description: String { text }
    /// Whether both are the same name.
    public static func == (left: Self, right: Self) -> Bool { left.text == right.text }
    /// Feeds the name.
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
