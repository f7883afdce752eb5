/// How an audit file was found when a server opened it, and where its chain goes on.
struct AuditOpening: Sendable {
    /// Where the chain goes on: behind the last line of the file, or, where it has none, where it was when the file was rotated away.
    let chain: AuditChain
    /// The end of the file.
    let tail: AuditTail
    /// What is wrong with it, by what the file beside it says.
    let finding: AuditFinding?
    /// What an operator should know, and is not wrong.
    let notice: String?
    /// The number of the last line that the file beside it knew; nil if that was gone.
    private let kept: UInt64?

    /// Opens the file beside an audit file, and looks at both.
    /// - Throws: ``ConfigurationError`` if another server has them, or if one can't be read or written.
    static func open(
        _ path: String, _ signer: AuditSigner?
    ) throws(ConfigurationError) -> (found: AuditOpening, head: AuditHead) {
        let head = try AuditHead(path: path)
        do throws(ConfigurationError) {
            return (try AuditOpening(path: path, head: head, signer: signer), head)
        } catch {
            head.release()
            throw error
        }
    }

    /// Looks at an audit file.
    /// - Parameters:
    ///   - path: the file.
    ///   - head: the file beside it.
    ///   - signer: signs checkpoints; nil for none.
    /// - Throws: ``ConfigurationError`` if the file can't be read. Whatever it holds is no reason.
    init(path: String, head: AuditHead, signer: AuditSigner?) throws(ConfigurationError) {
        let tail = try AuditTail(path: path)
        self.tail = tail
        let kept = head.read()
        self.kept = kept?.number
        let strange = tail.strangeText(behind: kept?.number ?? 0)
        guard let last = tail.last else {
            chain = AuditChain(
                number: kept?.number ?? 0, hash: kept?.hash ?? .genesis, torn: tail.torn, signer: signer)
            finding = strange
            notice = kept.map {
                "\(path) has no line yet: the chain goes on behind line \($0.number), which is in a file that was moved away. If nobody has moved it, it was removed"
            }
            return
        }
        // The file is what is checked: the chain goes on behind what it has, and tells what it lacks.
        chain = AuditChain(number: last.number, hash: last.hash, torn: tail.torn, signer: signer)
        finding =
            kept.flatMap { tail.finding(by: .head, number: $0.number, hash: $0.hash, isLast: true) } ?? strange
        notice =
            kept == nil
            ? "\(AuditHead.path(of: path)) is gone or damaged: it can't say whether lines are missing at the end of \(path)"
            : nil
    }

    /// Looks whether the file ended where the store says that it had ended before. Blocks.
    func finding(by store: AuditWitness) -> AuditFinding? {
        let hash = store.hash ?? .genesis
        guard tail.last == nil else {
            // The store is told every minute, and the head of each line: where that knows a later one the store is only behind.
            return tail.finding(
                by: .store, number: store.number, hash: hash, isLast: kept.map { $0 <= store.number } ?? true)
        }
        guard chain.number >= store.number else {
            return AuditFinding(.store, .missing(found: chain.number), number: store.number)
        }
        return chain.number == store.number && chain.hash != hash
            ? AuditFinding(.store, .changed, number: store.number) : nil
    }
}
