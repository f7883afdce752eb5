import Credentials

/// Whether a key or a session belongs to somebody of a name: the one that they were last known by, also once they are gone; where none is known,
/// the one that they had when it was made.
struct NameCondition {
    /// `api_key` or `session`.
    let table: String

    /// The condition in SQL, with its values. The first half is for the indexes: the name that counts is worked out for what it leaves. Spellings are
    /// looked for among people alone, of whom there are fewer than of keys by far.
    ///
    /// A directory's names have no case (RFC 4519, 2.39): whoever has left it, or may not log in any more, can't be asked about it for their usual
    /// spelling. Letters beyond ASCII are compared as they are, as in SQLite, whatever the database's own rules are.
    /// - Parameters:
    ///   - name: the name, as it is written.
    ///   - number: the first of the values' numbers.
    func condition(_ name: UserName, at number: Int) -> (sql: String, values: [PostgreSQLValue]) {
        let (text, directory) = ("$\(number)", "$\(number + 1)")
        func lower(_ value: String) -> String { Spellings.lower(value) }
        let called = """
            coalesce((SELECT user_name FROM key_owner AS known
            WHERE known.source = \(table).owner_source AND known.identity = \(table).owner_identity), \(table).owner)
            """
        let sql = """
            ((owner = \(text) OR owner_identity IN (SELECT identity FROM key_owner WHERE user_name = \(text)
                OR source = \(directory) AND \(lower("user_name")) = \(lower(text))))
            AND (\(called) = \(text) OR owner_source = \(directory) AND \(lower(called)) = \(lower(text))))
            """
        return (sql, [.text(name), .text(SourceName.ldap.rawValue)])
    }
}
