/// The steps from an empty database to today's, each done once and never changed.
///
/// Versions N and N + 1 work side by side: a step only adds what the version before passes over. Long locks are taken by none.
enum Schema {
    /// What one step does. Several statements are one transaction.
    static let steps: [String] = [
        """
        CREATE TABLE api_key (
            serial bigint GENERATED ALWAYS AS IDENTITY,
            id text PRIMARY KEY,
            digest bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
            owner text NOT NULL,
            owner_source text NOT NULL,
            owner_identity text NOT NULL,
            service_account text,
            label text NOT NULL,
            scopes text NOT NULL,
            created_at bigint NOT NULL,
            expiration_date bigint,
            creator_user_agent text NOT NULL,
            family text NOT NULL,
            rotated_at bigint,
            successor text,
            rotation_end bigint,
            last_used bigint NOT NULL DEFAULT 0,
            last_client text,
            last_user_agent text,
            revoked_at bigint,
            revocation_cause text
        );
        CREATE UNIQUE INDEX api_key_on_serial ON api_key (serial);
        CREATE INDEX api_key_on_owner ON api_key (owner);
        CREATE INDEX api_key_on_identity ON api_key (owner_identity, owner_source);
        CREATE INDEX api_key_on_family ON api_key (family);
        CREATE INDEX api_key_on_service_account ON api_key (service_account) WHERE service_account IS NOT NULL;
        CREATE TABLE key_owner (
            source text NOT NULL,
            identity text NOT NULL,
            user_name text NOT NULL,
            is_present boolean NOT NULL,
            groups text NOT NULL,
            display_name text,
            email text,
            vouched_at bigint NOT NULL,
            PRIMARY KEY (source, identity)
        );
        CREATE INDEX key_owner_on_name ON key_owner (user_name);
        CREATE TABLE session (
            id text PRIMARY KEY,
            digest bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
            owner text NOT NULL,
            owner_source text NOT NULL,
            owner_identity text NOT NULL,
            created_at bigint NOT NULL,
            authenticated_at bigint NOT NULL,
            ends_at bigint NOT NULL,
            last_used bigint NOT NULL,
            client text,
            user_agent text NOT NULL,
            password_state text,
            provider_source text,
            provider_identity text,
            provider_session text,
            id_token text
        );
        CREATE INDEX session_on_owner ON session (owner);
        CREATE INDEX session_on_identity ON session (owner_identity, owner_source);
        CREATE INDEX session_on_end ON session (ends_at);
        CREATE INDEX session_on_use ON session (last_used);
        CREATE INDEX session_on_provider ON session (provider_identity, provider_source) WHERE provider_source IS NOT NULL;
        CREATE INDEX session_on_provider_session ON session (provider_session, provider_source) WHERE provider_session IS NOT NULL;
        CREATE TABLE identity (
            source text NOT NULL,
            identity text NOT NULL,
            user_name text NOT NULL UNIQUE,
            groups text NOT NULL,
            display_name text,
            email text,
            last_login bigint NOT NULL,
            PRIMARY KEY (source, identity)
        );
        CREATE TABLE shared_secret (
            name text PRIMARY KEY,
            secret bytea NOT NULL
        );
        """,
        """
        CREATE TABLE audit_checkpoint (
            file text PRIMARY KEY,
            number bigint NOT NULL,
            hash text NOT NULL,
            noted_at bigint NOT NULL
        );
        CREATE TABLE ended_login (
            login text PRIMARY KEY,
            ends_at bigint NOT NULL
        );
        CREATE INDEX ended_login_on_end ON ended_login (ends_at);
        """,
    ]

    /// A number for the advisory lock of whoever brings the database up to date.
    private static let lock: Int64 = 0x6C61_7463_686B_6579

    /// Brings the database up to date; of several nodes that start at once one does it.
    /// - Throws: ``PostgreSQLError``.
    static func migrate(_ connection: PostgreSQLConnection, until deadline: ContinuousClock.Instant)
        throws(PostgreSQLError)
    {
        // Two that make a table at once would meet in the catalogue, whatever IF NOT EXISTS says: these two statements are one transaction.
        _ = try connection.run(
            """
            SELECT pg_advisory_xact_lock(\(lock));
            CREATE TABLE IF NOT EXISTS schema_step (step integer PRIMARY KEY, done_at timestamptz NOT NULL DEFAULT now());
            """, until: deadline)
        for (index, step) in steps.enumerated() {
            let number = index + 1
            // The lock is the transaction's: behind a pooler there is no other that is certain to be given back.
            _ = try connection.run("BEGIN", until: deadline)
            do throws(PostgreSQLError) {
                _ = try connection.run("SELECT pg_advisory_xact_lock(\(lock))", until: deadline)
                let isDone =
                    try connection.run("SELECT 1 FROM schema_step WHERE step = \(number)", until: deadline).count > 0
                if !isDone {
                    _ = try connection.run(step, until: deadline)
                    _ = try connection.run("INSERT INTO schema_step (step) VALUES (\(number))", until: deadline)
                }
                _ = try connection.run("COMMIT", until: deadline)
            } catch {
                _ = try? connection.run("ROLLBACK", until: deadline)
                throw error
            }
        }
    }
}
