/// How many steps one request may spend on comparing names with what users have written.
///
/// A pattern with many stars takes many steps for one name, and a request may name many. What is not compared within the effort is not
/// allowed: scopes only take away.
struct MatchEffort: Sendable {
    /// The steps of one request: a millisecond or two. The scopes of one key need less for one name, however hard they are.
    static let perRequest = 400_000

    private var left: Int

    /// - Parameter steps: how many steps there are.
    init(_ steps: Int = perRequest) { left = steps }

    /// Whether it is used up.
    var isSpent: Bool { left <= 0 }

    /// Takes note of steps that were done.
    mutating func spend(_ steps: Int) { left -= steps }
}
