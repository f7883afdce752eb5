/// Notes of which the first are kept, and of the others only how many there were: a file that somebody else wrote takes no memory by them.
struct BoundedNotes: Sendable {
    private static let limit = 20

    /// The first of them.
    private(set) var texts: [String] = []
    /// How many there were.
    private(set) var count = 0

    /// Takes a note.
    mutating func add(_ text: @autoclosure () -> String) {
        count += 1
        if texts.count < Self.limit { texts.append(text()) }
    }

    /// Whether there is none.
    var isEmpty: Bool { count == 0 }

    /// A line for each that is kept, and one that says how many more there were.
    /// - Parameter word: what each line begins with.
    func lines(_ word: String) -> [String] {
        texts.map { "\(word): \($0)" } + (count > texts.count ? ["\(word): \(count - texts.count) more"] : [])
    }
}
