extension Glob {
    /// Why no repository's name can match.
    ///
    /// Nil if one can. An operator or the owner of a key who wrote such a pattern meant something else.
    public var vanity: String? {
        let program = GlobProgram(self)
        var (states, length) = (Set(program.starts.map { Pair(state: $0, form: .start) }), 0)
        var seen = states
        while !states.isEmpty {
            var next: Set<Pair> = []
            for pair in states {
                for byte in NameForm.alphabet {
                    guard let form = pair.form.next(byte) else { continue }
                    for state in program.next(pair.state, byte) {
                        // The slash behind the name is not of it, and so not in its length yet.
                        if form == .start, program.isEnd(state) {
                            return length <= RepositoryName.maximumLength
                                ? nil : "only takes names of over \(RepositoryName.maximumLength) bytes: there are none"
                        }
                        let pair = Pair(state: state, form: form)
                        if seen.insert(pair).inserted { next.insert(pair) }
                    }
                }
            }
            (states, length) = (next, length + 1)
        }
        return "can't match any repository: names are lower-case letters, digits and single . _ - within a component"
    }

    /// Whether some name matches both.
    /// - Parameter other: another pattern.
    public func overlaps(_ other: Glob) -> Bool {
        let (left, right) = (GlobProgram(self), GlobProgram(other))
        var waiting: [Triple] = []
        var seen: Set<Triple> = []
        func visit(_ triple: Triple) { if seen.insert(triple).inserted { waiting.append(triple) } }
        for a in left.starts { for b in right.starts { visit(Triple(left: a, right: b, form: .start)) } }
        while let triple = waiting.popLast() {
            for byte in NameForm.alphabet {
                guard let form = triple.form.next(byte) else { continue }
                for a in left.next(triple.left, byte) {
                    for b in right.next(triple.right, byte) {
                        if form == .start, left.isEnd(a), right.isEnd(b) { return true }
                        visit(Triple(left: a, right: b, form: form))
                    }
                }
            }
        }
        return false
    }

    /// Whether each name that matches this one matches one of some others.
    /// - Parameters:
    ///   - others: the others.
    ///   - effort: how many steps to think before giving up.
    /// - Returns: nil if that is not found out within the effort.
    func isWithin(_ others: [Glob], effort: Int = 20_000) -> Bool? {
        let (program, covers) = (GlobProgram(self), others.map { GlobProgram($0) })
        var waiting: [Cover] = []
        var seen: Set<Cover> = []
        func visit(_ cover: Cover) { if seen.insert(cover).inserted { waiting.append(cover) } }
        let starts = covers.map(\.starts)
        for state in program.starts { visit(Cover(state: state, form: .start, covers: starts)) }
        while let cover = waiting.popLast() {
            guard seen.count <= effort else { return nil }
            for byte in NameForm.alphabet {
                guard let form = cover.form.next(byte) else { continue }
                let states = program.next(cover.state, byte)
                guard !states.isEmpty else { continue }
                let next = zip(covers, cover.covers).map { program, states in
                    Set(states.flatMap { program.next($0, byte) })
                }
                for state in states {
                    if form == .start, program.isEnd(state),
                        !zip(covers, next).contains(where: { cover, states in states.contains(where: cover.isEnd) })
                    {
                        return false
                    }
                    visit(Cover(state: state, form: form, covers: next))
                }
            }
        }
        return true
    }

    private struct Pair: Hashable {
        var state: Int
        var form: NameForm
    }

    private struct Triple: Hashable {
        var left: Int
        var right: Int
        var form: NameForm
    }

    private struct Cover: Hashable {
        var state: Int
        var form: NameForm
        var covers: [Set<Int>]
    }
}
