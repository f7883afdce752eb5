/// Whose a name is: asked before one is given away, and again at each use.
extension OwnerCheck {
    /// Whether nobody has a name: one that is free for somebody of another source, or for a service account.
    /// - Parameters:
    ///   - userName: the name.
    ///   - other: a source that is not asked: whoever it knows by that name may have it.
    ///   - asksAll: whether files and directories are asked too: an operator who gives somebody a certificate means whom they know by that name.
    /// - Returns: false if a source knows it; nil if one that might could not look.
    public func isFree(
        userName: UserName, besides other: SourceName? = nil, asksAll: Bool = true
    ) async -> Bool? {
        await isFree(
            userName,
            of: directories.values.filter { $0.name != other && (asksAll || !$0.givesNames) },
            and: holders.filter { $0.name != other })
    }

    /// Whether none of some has a name: the first that has it ends the search, and one that could not look leaves it open.
    private func isFree(
        _ userName: UserName, of directories: [any UserDirectory], and holders: [any NameHolder]
    ) async -> Bool? {
        var answer: Bool? = true
        for directory in directories {
            guard let isTaken = await directory.isTaken(userName) else {
                answer = nil
                continue
            }
            if isTaken { return false }
        }
        for holder in holders {
            guard let holds = await holder.holds(userName) else {
                answer = nil
                continue
            }
            if holds { return false }
        }
        return answer
    }

    /// A number that changes whenever a source that can be asked at no cost may have come to know a name. Never waits.
    public var nameState: UInt64 {
        directories.values.reduce(0) { $1.givesNames ? $0 &+ ($1.generation ?? 0) : $0 }
    }

    /// Finds a person by their name, for whom an administrator acts.
    ///
    /// A file and a directory are asked first: a name that one of them has gained is that person's, though somebody at a provider, or a program, has
    /// had it before and is still in the store. What one of them says decides, also that it could not look.
    /// - Parameter userName: the name.
    /// - Returns: the first source's word that knows them, or what keeps it from being known.
    public func person(named userName: UserName) async -> UserLookup {
        for givesNames in [true, false] {
            var answer = UserLookup.absent
            for directory in byName where directory.givesNames == givesNames {
                let word = await directory.lookUp(userName: userName)
                if case .absent = word { continue }
                if case .found = word { return word }
                answer = word
            }
            if case .absent = answer { continue }
            return answer
        }
        return .absent
    }

    /// Whether a source has somebody of exactly a name, who may log in or not.
    /// - Parameters:
    ///   - userName: the name.
    ///   - source: the source: no other is asked.
    /// - Returns: false also if it could not look, or is not configured.
    public func has(_ userName: UserName, in source: SourceName) async -> Bool {
        switch await directories[source]?.lookUp(userName: userName) {
        case .found(let principal), .disabled(let principal?): principal.userName == userName
        case .absent, .disabled(nil), .unavailable, nil: false
        }
    }

    /// Finds everybody who has a name, for an administrator who must miss nobody.
    /// - Parameter userName: the name, in any spelling that a source takes.
    /// - Returns: the word of each source that knows it, and why a source could not be asked.
    public func everybody(named userName: UserName) async -> (found: [Principal], failure: SourceFailure?) {
        var (found, failure): ([Principal], SourceFailure?) = ([], nil)
        for directory in byName {
            switch await directory.lookUp(userName: userName) {
            case .found(let principal): found.append(principal)
            case .unavailable(let word): failure = word
            // What they have made goes on to be theirs, and works again when they may log in again.
            case .disabled(let principal): if let principal { found.append(principal) }
            case .absent: continue
            }
        }
        return (found, failure)
    }

    /// The sources in the order of their names, which is the same each time.
    private var byName: [any UserDirectory] {
        directories.values.sorted { $0.name.rawValue < $1.name.rawValue }
    }

    /// What must stay as it is for a name to stay nobody else's: of the sources that can be asked at no cost.
    func generations(of directory: any UserDirectory, _ account: UserName?) -> [Vouch.Watched] {
        guard account != nil || !directory.givesNames else { return [] }
        return directories.values.compactMap { other in
            guard other.givesNames, let generation = other.generation else { return nil }
            return Vouch.Watched(directory: other, generation: generation)
        }
    }

    /// Whether somebody is called as nobody else is. A name that was given away when it was free may be somebody's by now.
    /// - Returns: nil if a source that might have the name could not look.
    func hasOwnName(_ name: UserName, _ directory: any UserDirectory, _ account: UserName?) async -> Bool? {
        guard account != nil || !directory.givesNames else { return NameProblem(of: name.text) == nil }
        // From a store of before, perhaps.
        guard NameProblem.ofExact(name.text) == nil else { return false }
        return await isFree(
            name, of: directories.values.filter(\.givesNames),
            and: account == nil ? holders.filter { $0.name != directory.name } : [])
    }
}
