import Credentials

/// The names of a file in the form in which all spellings of a name are one (RFC 4518), as hashes: some 16 bytes a user, made when they are asked for
/// first. Safe to share.
final class HtpasswdSpellings: Sendable {
    private let hashes = Locked<Set<Int>?>(nil)

    /// Whether some name of a file is a spelling of a name. Blocks for as long as it takes to read all names, once: for a lane.
    func has(_ userName: UserName, in table: HtpasswdTable) -> Bool {
        hashes.withLock { hashes in
            let known = hashes ?? table.spellings
            hashes = known
            return known.contains(StringPreparation.caseIgnore(userName).hashValue)
        }
    }
}

extension HtpasswdTable {
    /// The hashes of all names, in the form in which their spellings are one.
    fileprivate var spellings: Set<Int> {
        var spellings = Set<Int>(minimumCapacity: userCount)
        forEachName { spellings.insert(StringPreparation.caseIgnore($0).hashValue) }
        return spellings
    }
}
