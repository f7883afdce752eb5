/// How much of a repository's name has been read: an automaton of the grammar
/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*`.
///
/// It reads names, and tells of a glob whether any name at all can match it.
enum NameForm: UInt8, CaseIterable, Sendable {
    /// At the beginning of a component.
    case start
    /// Behind a letter or digit.
    case word
    /// Behind one dot.
    case dot
    /// Behind one underscore.
    case underscore
    /// Behind two underscores.
    case underscores
    /// Behind hyphens.
    case hyphens

    /// The bytes that names consist of.
    static let alphabet: [UInt8] = Array("abcdefghijklmnopqrstuvwxyz0123456789._-/".utf8)

    /// Whether a name may end here.
    var isComplete: Bool { self == .word }

    /// Where a byte leads; nil if none may follow that begins with it.
    func next(_ byte: UInt8) -> NameForm? {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): .word
        case UInt8(ascii: "/"): self == .word ? .start : nil
        case UInt8(ascii: "."): self == .word ? .dot : nil
        case UInt8(ascii: "_"): self == .word ? .underscore : self == .underscore ? .underscores : nil
        case UInt8(ascii: "-"): self == .word || self == .hyphens ? .hyphens : nil
        default: nil
        }
    }
}
