public import Credentials

/// Where a PostgreSQL database is, and how it is used.
public struct PostgreSQLOptions: Sendable {
    /// Where it is, as libpq has it: a URL (`postgresql://…`) or words (`host=a,b target_session_attrs=read-write …`). TLS, several hosts and
    /// certificates are its own (PostgreSQL's documentation, 34.1.1). The password is better not in it.
    public var connection: String
    /// The password; nil for one that libpq finds, or none.
    public var password: Secret?
    /// Where it is to listen at; nil for the same place. Behind a pooler that gives each transaction another connection nobody can listen.
    public var listenConnection: String?
    /// How many connections there are at most, beside the one that listens.
    public var maximumConnections = 4
    /// How many statements may wait for one.
    public var maximumWaiting = 1024
    /// How long connecting may take.
    public var connectTimeout = Duration.seconds(5)
    /// How long a statement may take, waiting for locks included.
    public var statementTimeout = Duration.seconds(5)
    /// Whether statements are prepared once for each connection. Not behind a pooler that gives each transaction another one.
    public var preparesStatements = true
    /// How long what is known goes on while the database is away.
    public var grace = Duration.seconds(60)
    /// How often the connection that listens shows that it is alive.
    public var heartbeat = Duration.milliseconds(250)

    /// Describes a database.
    /// - Parameter connection: where it is.
    public init(connection: String) { self.connection = connection }
}
