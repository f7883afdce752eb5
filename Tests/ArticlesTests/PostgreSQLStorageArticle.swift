// The code of Sources/PostgreSQLStorage/PostgreSQLStorage.docc/KeysOfSeveralNodes.md: ArticlesTests compares the two.
import APIKeys
import Credentials
import PostgreSQLStorage

enum PostgreSQLStorageArticle {
    static func share(_ password: Secret) throws {
        var options = PostgreSQLOptions(
            connection: "host=db1,db2 dbname=latchkey target_session_attrs=read-write sslmode=verify-full")
        options.password = password
        let store = try PostgreSQLStore(options)

        var ringOptions = APIKeyRing.Options()
        ringOptions.trust = { store.trust.isGood(at: $0) }
        let ring = APIKeyRing(store: store, options: ringOptions)
        store.listen { change in
            switch change {
            case .keys(let ids): ring.void(ids)
            case .everything: ring.void(nil)
            case .sessions, .owners, .policy, .failures: break
            }
        }
    }
}
