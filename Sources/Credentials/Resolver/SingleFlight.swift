/// Lets the same work be done once for all who want it at the same time (rule 7).
///
/// The work belongs to nobody: it runs on if the one who asked first goes away, and the others still get its result.
final class SingleFlight<Result: Sendable>: Sendable {
    private let running = Sharded<[CredentialTag: Task<Result, Never>]> { [:] }

    /// Does the work, or waits for the same work that is being done already.
    /// - Parameters:
    ///   - tag: what makes it the same work.
    ///   - work: what to do.
    /// - Returns: the result; whether this caller's work was the one that was done.
    func result(
        of tag: CredentialTag, _ work: @escaping @Sendable () async -> Result
    ) async -> (result: Result, isFirst: Bool) {
        let (task, isFirst) = running.withPart(of: tag.shard) { running in
            if let task = running[tag] { return (task, false) }
            let task = Task {
                let result = await work()
                self.finish(tag)
                return result
            }
            running[tag] = task
            return (task, true)
        }
        return (await task.value, isFirst)
    }

    private func finish(_ tag: CredentialTag) {
        running.withPart(of: tag.shard) { $0[tag] = nil }
    }
}
