extension Glob {
    /// How many steps ``isWithin(_:)`` thinks before it gives up: some milliseconds.
    static let usualThought = 200_000

    /// Whether each name that matches this one matches one of some others.
    /// - Parameter others: the others.
    /// - Returns: nil if that is not found out within ``usualThought``.
    func isWithin(_ others: [Glob]) -> Bool? {
        var effort = MatchEffort(Self.usualThought)
        return isWithin(others, &effort)
    }

    /// Whether each name that matches this one matches one of some others.
    /// - Parameters:
    ///   - others: the others.
    ///   - effort: how many steps to think before giving up.
    /// - Returns: nil if that is not found out within the effort.
    func isWithin(_ others: [Glob], _ effort: inout MatchEffort) -> Bool? {
        if others.contains(where: isPlainlyWithin) { return true }
        let (program, bytes) = (GlobProgram(self), NameBytes([self] + others).representatives)
        effort.spend(program.stateCount)
        var covers = GlobCovers(others)
        var waiting: [Place] = []
        // By the set of the others' states, for which each of ours is or is not.
        var seen: [[Bool]] = []
        func visit(_ place: Place) {
            while seen.count <= place.cover { seen.append([]) }
            if seen[place.cover].isEmpty {
                seen[place.cover] = [Bool](repeating: false, count: program.stateCount * NameForm.allCases.count)
            }
            let number = place.state * NameForm.allCases.count + Int(place.form.rawValue)
            guard !seen[place.cover][number] else { return }
            seen[place.cover][number] = true
            waiting.append(place)
        }
        for state in program.starts { visit(Place(state: state, form: .start, cover: covers.start)) }
        while let place = waiting.popLast() {
            for (index, byte) in bytes.enumerated() {
                guard let form = place.form.next(byte) else { continue }
                let states = program.next(place.state, byte)
                guard !states.isEmpty else { continue }
                guard !effort.isSpent else { return nil }
                effort.spend(states.count)
                let cover = covers.next(place.cover, byte, index, of: bytes.count, &effort)
                if cover >= seen.count { effort.spend(program.stateCount) }
                for state in states {
                    if form == .start, program.isEnd(state), !covers.isEnd(cover) { return false }
                    visit(Place(state: state, form: form, cover: cover))
                }
            }
        }
        return true
    }

    /// Whether that can be seen at a glance: what nearly all scopes and policies are, such as `team/app/**` within `team/**`.
    private func isPlainlyWithin(_ other: Glob) -> Bool {
        if other.text == text || other.matchesEverything { return true }
        return other.alternatives.contains { cover in
            guard cover.last == .anyDepth else { return false }
            let folder = cover.dropLast()
            guard folder.allSatisfy(\.isLiteral) else { return false }
            return alternatives.allSatisfy { $0.starts(with: folder) }
        }
    }

    private struct Place {
        var state: Int
        var form: NameForm
        /// A set of states of the others, by its number.
        var cover: Int
    }
}

/// Some globs as one deterministic automaton, made as far as it is needed: a state is the set of places that their matches may have come to.
private struct GlobCovers {
    private let programs: [GlobProgram]
    /// Where the states of each begin.
    private let offsets: [Int]
    private var sets: [[Int]] = []
    private var numbers: [[Int]: Int] = [:]
    private var ends: [Bool] = []
    /// The set behind a set and a byte, by both; -1 for one that nobody has asked for.
    private var following: [Int] = []
    private(set) var start = 0

    init(_ globs: [Glob]) {
        programs = globs.map { GlobProgram($0) }
        var (offsets, offset) = ([Int](), 0)
        for program in programs {
            offsets.append(offset)
            offset += program.stateCount
        }
        self.offsets = offsets
        start = number(of: zip(programs, offsets).flatMap { program, offset in program.starts.map { $0 + offset } })
    }

    func isEnd(_ set: Int) -> Bool { ends[set] }

    mutating func next(_ set: Int, _ byte: UInt8, _ index: Int, of count: Int, _ effort: inout MatchEffort) -> Int {
        let place = set * count + index
        if following.count <= place {
            following += [Int](repeating: -1, count: place + count - following.count)
        }
        if following[place] >= 0 { return following[place] }
        var states: [Int] = []
        var owner = programs.startIndex
        for state in sets[set] {
            // States are in order, and so are the programs.
            while owner + 1 < programs.endIndex, state >= offsets[owner + 1] { owner += 1 }
            let offset = offsets[owner]
            states += programs[owner].next(state - offset, byte).map { $0 + offset }
        }
        effort.spend(1 + sets[set].count + states.count)
        let found = number(of: states)
        following[place] = found
        return found
    }

    private mutating func number(of states: [Int]) -> Int {
        let set = Array(Set(states)).sorted()
        if let number = numbers[set] { return number }
        numbers[set] = sets.count
        sets.append(set)
        ends.append(
            set.contains { state in
                let owner = (offsets.lastIndex { $0 <= state }) ?? 0
                return programs[owner].isEnd(state - offsets[owner])
            })
        return sets.count - 1
    }
}
