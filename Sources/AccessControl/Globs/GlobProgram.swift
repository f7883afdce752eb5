/// A glob as a nondeterministic automaton over the bytes of a name with a slash behind it, which answers what matching one name
/// can't: whether any name matches, whether two globs have a name in common, whether one is within others.
///
/// With the slash behind it each component ends alike, and `**` is a loop over components.
struct GlobProgram {
    private enum Step: Equatable {
        case takes(GlobToken)
        case slash
        case anyDepth
    }

    // A state is a place in one of the alternatives: twice the step to do next, and one more where a component of a `**` is half
    // read.
    private var steps: [Step?] = []
    /// A state, with those that it leads to without a byte; by the state.
    private var closures: [[Int]] = []
    /// The states in which a match begins.
    private(set) var starts: [Int] = []
    /// How many states there are.
    var stateCount: Int { closures.count }

    init(_ glob: Glob) {
        var beginnings: [Int] = []
        for segments in glob.alternatives {
            beginnings.append(steps.count * 2)
            for segment in segments {
                guard segment != .anyDepth else {
                    steps.append(.anyDepth)
                    continue
                }
                steps += segment.tokens.map { .takes($0) }
                steps.append(.slash)
            }
            steps.append(nil)
        }
        closures = (0..<steps.count * 2).map { closure($0) }
        starts = Array(Set(beginnings.flatMap { closures[$0] })).sorted()
    }

    /// Whether a match may end in a state.
    func isEnd(_ state: Int) -> Bool { state.isMultiple(of: 2) && steps[state / 2] == nil }

    /// Where a byte leads from a state.
    func next(_ state: Int, _ byte: UInt8) -> [Int] {
        let (index, isInside) = (state / 2, !state.isMultiple(of: 2))
        let isSlash = byte == UInt8(ascii: "/")
        switch steps[index] {
        case .takes(.star): return isSlash ? [] : closures[state]
        case .takes(let token): return token.takes(byte) ? closures[(index + 1) * 2] : []
        case .slash: return isSlash ? closures[(index + 1) * 2] : []
        case .anyDepth:
            if isSlash { return isInside ? closures[index * 2] : [] }
            return closures[index * 2 + 1]
        case nil: return []
        }
    }

    private func closure(_ state: Int) -> [Int] {
        var states = [state]
        while let last = states.last, last.isMultiple(of: 2) {
            switch steps[last / 2] {
            case .takes(.star), .anyDepth: states.append(last + 2)
            default: return states
            }
        }
        return states
    }
}
