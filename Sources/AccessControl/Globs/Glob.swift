/// A pattern of repository names, as zot's policies have them (doublestar 4): `*` any text within a segment, `**` as a whole
/// segment any number of segments, `?` any character but a slash, `[a-z]` and `[^a-z]` (or `[!a-z]`) a class, `{a,b}` each
/// alternative as if it were written out, `\` the next character as it stands.
///
/// `team/**` takes `team` itself too. A match takes time linear in the name and the pattern but for what the last star of a
/// segment has to try again; nothing that a pattern holds makes it exponential.
public struct Glob: Sendable, Hashable, CustomStringConvertible {
    /// The longest pattern, in bytes.
    public static let maximumLength = 512
    /// How many alternatives the braces of a pattern may come to, and how many bytes those may have together.
    static let maximumAlternatives = 64
    static let maximumExpansion = 8192

    /// The pattern as it was written.
    public let text: String
    /// What it stands for with its braces written out.
    let alternatives: [[GlobSegment]]
    /// How many bytes that has.
    let writtenOutLength: Int

    /// Reads a pattern.
    /// - Parameter text: the pattern.
    /// - Throws: ``GlobProblem`` for one that is no pattern. One that no repository's name can match is a pattern all the same:
    ///   see ``vanity``.
    public init(_ text: String) throws(GlobProblem) { try self.init(text, maximumExpansion: Self.maximumExpansion) }

    /// Reads a pattern.
    /// - Parameter maximumExpansion: how many bytes it may have with its braces written out.
    init(_ text: String, maximumExpansion: Int) throws(GlobProblem) {
        self.text = text
        var reader = GlobReader(text, maximumExpansion: maximumExpansion)
        alternatives = try reader.read()
        writtenOutLength = reader.expansion
    }

    /// Whether a name matches.
    /// - Parameter name: the name.
    public func matches(_ name: RepositoryName) -> Bool {
        var effort = MatchEffort(.max)
        return matches(name, &effort)
    }

    /// Whether a name matches.
    /// - Parameters:
    ///   - name: the name.
    ///   - effort: what the steps are taken from.
    /// - Returns: false also if there is no effort left.
    func matches(_ name: RepositoryName, _ effort: inout MatchEffort) -> Bool {
        for alternative in alternatives where Self.matches(alternative, name, &effort) { return true }
        return false
    }

    /// Whether every name matches: `**`.
    public var matchesEverything: Bool { alternatives.contains([.anyDepth]) }

    /// Greedy, with the last `**` as the only place to go back to.
    private static func matches(
        _ segments: [GlobSegment], _ repository: RepositoryName, _ effort: inout MatchEffort
    ) -> Bool {
        let name = repository.components
        var (segment, index) = (0, 0)
        var retry: (segment: Int, index: Int)?
        while !effort.isSpent {
            effort.spend(1)
            if segment < segments.count, segments[segment] == .anyDepth {
                segment += 1
                retry = (segment, index)
            } else if index < name.count, segment < segments.count,
                segments[segment].matches(name[index], repository.bytes[index], &effort)
            {
                segment += 1
                index += 1
            } else if index == name.count, segment == segments.count {
                return true
            } else if let last = retry, last.index < name.count {
                retry = (last.segment, last.index + 1)
                (segment, index) = (last.segment, last.index + 1)
            } else {
                return false
            }
        }
        return false
    }

    /// The pattern as it was written.
    public var description: String { text }
    /// Whether both are written the same.
    public static func == (left: Self, right: Self) -> Bool { left.text == right.text }
    /// Feeds the text.
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
