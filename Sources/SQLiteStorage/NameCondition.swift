import Credentials
import GRDB

/// Whether a key or a session belongs to somebody of a name: the one that they were last known by, also once they are gone; where none is known,
/// the one that they had when it was made.
struct NameCondition {
    /// `apiKey` or `session`.
    let table: String
    /// The name, as it is written.
    let name: UserName

    /// The condition in SQL. The first half is for the indexes: the name that counts is worked out for what it leaves. Spellings are looked for among
    /// people alone, of whom there are fewer than of keys by far.
    ///
    /// A directory's names have no case (RFC 4519, 2.39): whoever has left it, or may not log in any more, can't be asked about it for their usual
    /// spelling. Letters beyond ASCII are compared as they are.
    var expression: SQLExpression {
        let (table, name, directory) = (SQL(sql: table), name.text, SourceName.ldap.rawValue)
        let known: SQL = "(SELECT identity FROM owner AS known WHERE known.userName = \(name)"
        let spelled: SQL = "OR known.source = \(directory) AND lower(known.userName) = lower(\(name)))"
        let called: SQL = """
            COALESCE((SELECT known.userName FROM owner AS known
            WHERE known.source = \(table).ownerSource AND known.identity = \(table).ownerIdentity), \(table).owner)
            """
        let literal: SQL = """
            ((\(table).owner = \(name) OR \(table).ownerIdentity IN \(known) \(spelled))
            AND (\(called) = \(name) OR \(table).ownerSource = \(directory) AND lower(\(called)) = lower(\(name))))
            """
        return literal.sqlExpression
    }
}
