import APIKeys
import Credentials
import Foundation
import PostgreSQLStorage
import SQLiteStorage
import Sessions
import TestSupport
import Testing

/// Everything that a node keeps.
typealias AnyStore = APIKeyStore & CheckpointStore & IdentityStore & OwnerStore & SessionStore

/// The implementations: what holds of one holds of all.
enum Implementation: String, CaseIterable, CustomTestStringConvertible {
    case sqlite = "SQLite"
    case postgresql = "PostgreSQL"
    /// As behind a pooler that gives each transaction another connection.
    case unprepared = "PostgreSQL without prepared statements"

    var testDescription: String { rawValue }

    /// Runs a test with an empty store, and a way to open it again.
    func run(_ body: (_ store: any AnyStore, _ again: () throws -> any AnyStore) async throws -> Void) async throws {
        switch self {
        case .sqlite:
            let folder = try TemporaryFolder()
            let store = try SQLiteStore(folder: folder.url("data"))
            try await body(store) {
                try store.close()
                return try SQLiteStore(folder: folder.url("data"))
            }
        case .postgresql, .unprepared:
            var options = PostgreSQLOptions(connection: try await PostgreSQL.shared().newDatabase())
            options.password = Secret(PostgreSQL.password)
            options.preparesStatements = self == .postgresql
            let store = try PostgreSQLStore(options)
            defer { store.close() }
            try await body(store) { try PostgreSQLStore(options) }
        }
    }
}
