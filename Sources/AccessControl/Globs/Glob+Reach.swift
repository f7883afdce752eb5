extension Glob {
    /// Why no repository's name can match.
    ///
    /// Nil if one can. An operator or the owner of a key who wrote such a pattern meant something else. It takes time in proportion to the
    /// pattern with its braces written out: nothing for the way of a request.
    public var vanity: String? {
        let (program, bytes) = (GlobProgram(self), NameBytes([self]).representatives)
        var (states, length) = (program.starts.map { Pair(state: $0, form: .start) }, 0)
        var seen = [Bool](repeating: false, count: program.stateCount * NameForm.allCases.count)
        while !states.isEmpty {
            var next: [Pair] = []
            for pair in states {
                for byte in bytes {
                    guard let form = pair.form.next(byte) else { continue }
                    for state in program.next(pair.state, byte) {
                        // The slash behind the name is not of it, and so not in its length yet.
                        if form == .start, program.isEnd(state) {
                            return length <= RepositoryName.maximumLength
                                ? nil : "only takes names of over \(RepositoryName.maximumLength) bytes: there are none"
                        }
                        let place = state * NameForm.allCases.count + Int(form.rawValue)
                        guard !seen[place] else { continue }
                        seen[place] = true
                        next.append(Pair(state: state, form: form))
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
        let bytes = NameBytes([self, other]).representatives
        var waiting: [Triple] = []
        var seen: Set<Triple> = []
        func visit(_ triple: Triple) { if seen.insert(triple).inserted { waiting.append(triple) } }
        for a in left.starts { for b in right.starts { visit(Triple(left: a, right: b, form: .start)) } }
        while let triple = waiting.popLast() {
            for byte in bytes {
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

    private struct Pair {
        var state: Int
        var form: NameForm
    }

    private struct Triple: Hashable {
        var left: Int
        var right: Int
        var form: NameForm
    }
}
