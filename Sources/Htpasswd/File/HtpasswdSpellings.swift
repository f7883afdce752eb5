import Credentials
import Synchronization

/// The names of a file in the form in which all spellings of a name are one (RFC 4518), as hashes: some 16 bytes a user, made when they are asked for
/// first. Safe to share.
final class HtpasswdSpellings: Sendable {
    private let hashes = Locked<Set<Int>?>(nil)
    private let isKnown = Atomic(false)

    /// The same, if the names were read already. Never waits for that.
    func hasIfKnown(_ userName: UserName) -> Bool? {
        guard isKnown.load(ordering: .acquiring) else { return nil }
        return hashes.withLock { $0?.contains(StringPreparation.caseIgnore(userName).hashValue) }
    }

    /// Whether some name of a file is a spelling of a name. Blocks for as long as it takes to read all names, once: for a lane.
    func has(_ userName: UserName, in table: HtpasswdTable) -> Bool {
        hashes.withLock { hashes in
            let known = hashes ?? table.spellings
            hashes = known
            isKnown.store(true, ordering: .releasing)
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
