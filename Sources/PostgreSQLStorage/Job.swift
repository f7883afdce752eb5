/// Work that one node does at a time (an advisory lock of its transaction's).
enum Job: Int64 {
    case purge = 0x6C61_7463_686B_0001

    /// Whether this node does it now; no other does before the transaction ends.
    func begin(_ connection: PostgreSQLConnection, until deadline: ContinuousClock.Instant) throws(PostgreSQLError)
        -> Bool
    {
        var row = try connection.run("SELECT pg_try_advisory_xact_lock(\(rawValue))", until: deadline).first
        return try row?.bool() ?? false
    }
}
