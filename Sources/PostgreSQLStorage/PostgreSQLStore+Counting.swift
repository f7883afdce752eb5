public import APIKeys
public import Credentials
public import Foundation

extension PostgreSQLStore {
    /// Counts keys by their state. Takes a second for some million keys.
    /// - Parameter date: the moment to count for.
    /// - Returns: how many keys are in each state; a key that the policy blocks counts as active, as the store knows no policy.
    /// - Throws: `SourceFailure` if the store could not look.
    public func counts(at date: Date) async throws(SourceFailure) -> [KeyState: Int] {
        let rows = try await statement(
            .maintenance,
            """
            SELECT count(*) FILTER (WHERE revoked_at IS NOT NULL),
                count(*) FILTER (WHERE revoked_at IS NULL AND (expiration_date <= $1 OR rotation_end <= $1)),
                count(*) FROM api_key
            """, [.number(date)])
        guard
            let (revoked, expired, all) = try read(
                rows,
                { row throws(PostgreSQLError) in
                    (Int(try row.number()), Int(try row.number()), Int(try row.number()))
                }
            ).first
        else { return [:] }
        return [.revoked: revoked, .expired: expired, .active: all - revoked - expired]
    }
}
