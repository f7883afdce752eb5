import GRDB

/// The steps from an empty database to today's, each done once and never changed. A test holds a database of every step.
enum Migrations {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 API keys") { database in
            try database.create(table: APIKeyRow.databaseTableName) { table in
                table.column("id", .text).primaryKey()
                table.column("digest", .blob).notNull().unique()
                table.column("owner", .text).notNull().indexed()
                table.column("ownerSource", .text).notNull()
                table.column("label", .text).notNull()
                table.column("scopes", .text).notNull()
                table.column("createdAt", .integer).notNull()
                table.column("expirationDate", .integer)
                table.column("creatorUserAgent", .text).notNull()
                table.column("lastUsed", .integer).notNull()
                table.column("revokedAt", .integer)
            }
        }
        migrator.registerMigration("2 owners") { database in
            try database.create(table: OwnerRow.databaseTableName) { table in
                table.column("userName", .text).notNull()
                table.column("source", .text).notNull()
                table.column("isPresent", .boolean).notNull()
                table.column("groups", .text).notNull()
                table.column("displayName", .text)
                table.column("email", .text)
                table.column("vouchedAt", .integer).notNull()
                table.primaryKey(["userName", "source"])
            }
            // 0 now stands for a key that was never used; before it was the time of creation.
            try database.execute(sql: "UPDATE apiKey SET lastUsed = 0 WHERE lastUsed = createdAt")
        }
        migrator.registerMigration("3 life of a key") { database in
            try database.alter(table: APIKeyRow.databaseTableName) { table in
                table.add(column: "ownerIdentity", .text).notNull().defaults(to: "")
                table.add(column: "serviceAccount", .text)
                table.add(column: "family", .text).notNull().defaults(to: "")
                table.add(column: "rotatedAt", .integer)
                table.add(column: "successor", .text)
                table.add(column: "rotationEnd", .integer)
                table.add(column: "lastClient", .text)
                table.add(column: "lastUserAgent", .text)
                table.add(column: "revocationCause", .text)
            }
            try database.execute(
                sql: """
                    UPDATE apiKey SET ownerIdentity = 'name:' || owner, family = id;
                    UPDATE apiKey SET revocationCause = 'owner' WHERE revokedAt IS NOT NULL;
                    """)
            try database.create(
                index: "apiKey_on_identity", on: APIKeyRow.databaseTableName, columns: ["ownerIdentity", "ownerSource"])
            try database.create(index: "apiKey_on_family", on: APIKeyRow.databaseTableName, columns: ["family"])
            try database.create(
                index: "apiKey_on_serviceAccount", on: APIKeyRow.databaseTableName, columns: ["serviceAccount"],
                condition: Column("serviceAccount") != nil)
            // Owners were known by their names.
            try database.rename(table: "owner", to: "formerOwner")
            try database.create(table: OwnerRow.databaseTableName) { table in
                table.column("source", .text).notNull()
                table.column("identity", .text).notNull()
                table.column("userName", .text).notNull()
                table.column("isPresent", .boolean).notNull()
                table.column("groups", .text).notNull()
                table.column("displayName", .text)
                table.column("email", .text)
                table.column("vouchedAt", .integer).notNull()
                table.primaryKey(["source", "identity"])
            }
            try database.execute(
                sql: """
                    INSERT INTO owner SELECT source, 'name:' || userName, userName, isPresent, groups, displayName, email, vouchedAt
                    FROM formerOwner;
                    DROP TABLE formerOwner;
                    """)
        }
        migrator.registerMigration("4 sessions") { database in
            try database.create(table: SessionRow.databaseTableName) { table in
                table.column("id", .text).primaryKey()
                table.column("digest", .blob).notNull().unique()
                table.column("owner", .text).notNull().indexed()
                table.column("ownerSource", .text).notNull()
                table.column("ownerIdentity", .text).notNull()
                table.column("createdAt", .integer).notNull()
                table.column("authenticatedAt", .integer).notNull()
                table.column("endsAt", .integer).notNull().indexed()
                table.column("lastUsed", .integer).notNull().indexed()
                table.column("client", .text)
                table.column("userAgent", .text).notNull()
                table.column("passwordState", .text)
            }
            try database.create(
                index: "session_on_identity", on: SessionRow.databaseTableName,
                columns: ["ownerIdentity", "ownerSource"])
        }
        migrator.registerMigration("5 identities") { database in
            try database.create(table: IdentityRow.databaseTableName) { table in
                table.column("source", .text).notNull()
                table.column("identity", .text).notNull()
                table.column("userName", .text).notNull().unique()
                table.column("groups", .text).notNull()
                table.column("displayName", .text)
                table.column("email", .text)
                table.column("lastLogin", .integer).notNull()
                table.primaryKey(["source", "identity"])
            }
        }
        migrator.registerMigration("6 sessions at providers") { database in
            try database.create(table: ProviderSessionRow.databaseTableName) { table in
                table.primaryKey("session", .text).references(SessionRow.databaseTableName, onDelete: .cascade)
                table.column("source", .text).notNull()
                table.column("identity", .text).notNull()
                table.column("providerID", .text)
                table.column("idToken", .text)
            }
            try database.create(
                index: "providerSession_on_identity", on: ProviderSessionRow.databaseTableName,
                columns: ["identity", "source"])
            try database.create(
                index: "providerSession_on_providerID", on: ProviderSessionRow.databaseTableName,
                columns: ["providerID", "source"], condition: Column("providerID") != nil)
        }
        migrator.registerMigration("7 audit checkpoints and ended logins") { database in
            try database.create(table: "auditCheckpoint") { table in
                table.primaryKey("file", .text)
                table.column("number", .integer).notNull()
                table.column("hash", .text).notNull()
                table.column("notedAt", .integer).notNull()
            }
            try database.create(table: "endedLogin") { table in
                table.primaryKey("login", .text)
                table.column("endsAt", .integer).notNull().indexed()
            }
        }
        return migrator
    }
}
