// The code of Sources/SQLiteStorage/SQLiteStorage.docc/AFolderOfKeys.md: ArticlesTests compares the two.
import APIKeys
import Credentials
import Foundation
import Logging
import SQLiteStorage

enum SQLiteStorageArticle {
    static func use(path: String) async throws {
        let store = try SQLiteStore(folder: URL(filePath: path), logger: Logger(label: "app"))
        defer { try? store.close() }

        let ring = APIKeyRing(store: store)
        let owner = Principal(userName: "ann", source: .htpasswd)
        let (record, _) = try await ring.create(owner: owner, label: "", scopes: [], expirationDate: nil, userAgent: "")
        print(try await store.records(.all(CredentialOwner(owner))).map(\.id) == [record.id])
    }
}
