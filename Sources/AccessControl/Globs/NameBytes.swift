/// The bytes that names consist of, one for each kind that some globs tell apart: a search over names need not try all thirty-nine.
struct NameBytes {
    /// One byte of each kind.
    let representatives: [UInt8]

    /// - Parameter globs: the globs.
    init(_ globs: some Sequence<Glob>) {
        var (single, classes): (Set<UInt8>, Set<ByteClass>) = ([], [])
        for token in globs.lazy.flatMap({ $0.alternatives.joined() }).flatMap(\.tokens) {
            switch token {
            case .byte(let byte): single.insert(byte)
            case .oneOf(let bytes): classes.insert(bytes)
            case .any, .star: continue
            }
        }
        let told = Array(classes)
        var seen: Set<[UInt8]> = []
        representatives = NameForm.alphabet.filter { byte in
            // Names themselves tell the separators from each other, and from letters and digits, which are all alike to them.
            let isWord = NameForm.start.next(byte) == .word
            return !isWord || single.contains(byte)
                || seen.insert(told.map { $0.contains(byte) ? 1 : 0 }).inserted
        }
    }
}
