import APIKeys
public import Credentials

extension PostgreSQLStore {
    /// How many failures wait to be told at most: while the database is away they are of no use to anybody.
    private static let maximumWaiting = 4096
    /// How long they wait for others, so that a flood of them is told in few words.
    private static let gathering = Duration.milliseconds(100)

    /// Tells other nodes of a failure, soon. Does not wait.
    /// - Parameter failure: what was counted.
    public func tell(_ failure: CountedFailure) {
        let isFirst = failures.withLock { failures in
            guard failures.count < Self.maximumWaiting else { return false }
            failures.append(failure)
            return failures.count == 1
        }
        guard isFirst else { return }
        Task { [weak self] in
            try? await Task.sleep(for: Self.gathering)
            await self?.tellFailures()
        }
    }

    /// Tells other nodes by which rules this one decides. What can't be told is told again when this node listens anew.
    /// - Parameter version: what tells the rules from others: letters and digits.
    public func tell(policy version: String) async {
        _ = try? await statement(
            .uses, "SELECT pg_notify($1, $2)",
            [.text(StoreChange.channel), .text("p \(node) \(version)")])
    }

    private func tellFailures() async {
        let gathered = failures.withLock { failures in
            defer { failures = [] }
            return failures
        }
        for payload in FailureText.payloads(gathered, node: node) {
            // What can't be told is counted here all the same.
            _ = try? await statement(
                .uses, "SELECT pg_notify($1, $2)", [.text(StoreChange.channel), .text(payload)])
        }
    }
}
