/// What an API key is limited to: a repository's name or a glob, optionally with actions
/// (`repo1`, `team/**`, `team/**:read`).
public struct Scope: Sendable, Hashable, CustomStringConvertible {
    /// The longest scope, in bytes of UTF-8. The distribution specification ends repository names at 255.
    public static let maximumLength = 512

    /// The scope as its creator wrote it.
    public let text: String

    /// Reads a scope.
    /// - Parameter text: the scope as its creator wrote it.
    /// - Returns: nil if it is empty, longer than ``maximumLength`` or holds a control character.
    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= Self.maximumLength,
            !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { return nil }
        self.text = text
    }

    /// Takes a scope from a store, whatever it is: a key that was stored with one must not become a key without.
    /// - Parameter text: the scope as it is stored.
    public init(stored text: String) {
        self.text = text
    }

    /// The scope as its creator wrote it.
    public var description: String { text }
}
