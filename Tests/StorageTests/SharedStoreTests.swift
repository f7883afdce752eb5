import Credentials
import Foundation

import Sessions
import TestSupport
import Testing

@testable import APIKeys
@testable import PostgreSQLStorage

@Suite("A store that several nodes share")
struct SharedStoreTests {
    private let alice = Principal(userName: "alice", source: .ldap)

    private func options() async throws -> PostgreSQLOptions {
        var options = PostgreSQLOptions(connection: try await PostgreSQL.shared().newDatabase())
        options.password = Secret(PostgreSQL.password)
        return options
    }

    /// What a node has heard.
    private final class Heard: Sendable {
        let changes = Locked<[StoreChange]>([])
        func callAsFunction(_ change: StoreChange) { changes.withLock { $0.append(change) } }
        func has(_ change: StoreChange) -> Bool { changes.withLock { $0.contains(change) } }
    }

    private func create(_ store: PostgreSQLStore) async throws -> (APIKeyRecord, APIKey) {
        try await APIKeyRing(store: store).create(
            owner: alice, label: "", scopes: [], expirationDate: nil, userAgent: "")
    }

    @Test(
        "Each revocation, rotation and end of a session is heard by all, many at once as everything, and what changes nothing is not"
    )
    func heard() async throws {
        let options = try await options()
        let (one, two) = (try PostgreSQLStore(options), try PostgreSQLStore(options))
        defer { [one, two].forEach { $0.close() } }
        let heard = Heard()
        two.listen { heard($0) }
        try await eventually("it listens") { two.trust.isHearing }
        #expect(heard.has(.everything), "what happened before nobody knows")
        heard.changes.withLock { $0 = [] }
        let (first, _) = try await create(one)
        let ring = APIKeyRing(store: one)
        _ = try await ring.revoke(.own(first.id, CredentialOwner(alice)), cause: .owner)
        try await eventually("the revocation is heard") { heard.has(.keys([first.id])) }
        _ = try await ring.revoke(.own(first.id, CredentialOwner(alice)), cause: .owner)
        let (second, _) = try await create(one)
        guard case .done = try await ring.rotate(.own(second.id, CredentialOwner(alice)), overlap: .zero, userAgent: "")
        else {
            Issue.record("it was not rotated")
            return
        }
        try await eventually("the rotation is heard") { heard.has(.keys([second.id])) }
        #expect(heard.changes.withLock { $0.count } == 2, "the second revocation changed nothing")
        let token = SessionToken.random()
        let session = SessionRecord(
            owner: CredentialOwner(alice), createdAt: .now, end: .now + 100, client: nil, userAgent: "")
        _ = try await one.insert(session, digest: token.digest, owner: nil, limit: 5, provider: nil)
        _ = try await one.end(.one(session.id))
        try await eventually("the end of the session is heard") { heard.has(.sessions([session.id])) }
        for _ in 0..<201 { _ = try await create(one) }
        heard.changes.withLock { $0 = [] }
        _ = try await ring.revoke(.all(CredentialOwner(alice)), cause: .administrator)
        try await eventually("many are everything") { heard.has(.everything) }
    }

    @Test("What can't be read of what was told stands for everything")
    func payloads() {
        let id = UUID()
        #expect(
            StoreChange(payload: "k \(id)") == .keys([id]) && StoreChange(payload: "s \(id),\(id)") == .sessions([id]))
        let people: [UserName] = ["amy", "Ü b@c%,;\u{7F}", "x y"]
        #expect(StoreChange(payload: StoreChange.payload(ofOwners: people)) == .owners(Set(people)))
        #expect(StoreChange.payload(ofOwners: (0..<2000).map { "user number \($0)" }) == "*")
        #expect(
            StoreChange(payload: "p a 1f", node: "b") == .policy("1f")
                && StoreChange(payload: "p a 1f", node: "a") == nil)
        for text in ["p ", "p a", "p a b c", "o ", "o", "o %", "o %zz x"] {
            #expect(StoreChange(payload: text) == .everything, "\(text)")
        }
        for text in ["", "*", "k", "k ", "k x", "k \(id),x", "z \(id)", "k  \(id)", "\u{0}"] {
            #expect(StoreChange(payload: text) == .everything, "\(text)")
        }
    }

    @Test("Failures are told in few words, of whatever name and network, and never to the one who tells")
    func failures() {
        let failures =
            ["amy", "Ü b@c%,;\u{7F}", "x"].flatMap { name in
                [IPNetwork("192.0.2.7/32"), IPNetwork("2001:db8::/64"), nil].map {
                    CountedFailure(userName: UserName(name), network: $0)
                }
            } + (0..<400).map { CountedFailure(userName: "user number \($0)", network: nil) }
        let payloads = FailureText.payloads(failures, node: "a")
        #expect(payloads.count == 2 && payloads.allSatisfy { $0.utf8.count < 8000 })
        var heard: [CountedFailure] = []
        for payload in payloads {
            #expect(StoreChange(payload: payload, node: "a") == nil)
            if case .failures(let some)? = StoreChange(payload: payload, node: "b") { heard += some }
        }
        #expect(heard == failures)
        for text in ["f", "f ", "f b", "f b x", "f b @", "f b x@300.1.1.1", "f b %zz@"] {
            if case .failures(let some)? = StoreChange(payload: text, node: "a") { #expect(some.isEmpty, "\(text)") }
        }
    }

    @Test("Who is gone is told to all nodes, once, by the name that they had")
    func ownersGone() async throws {
        let options = try await options()
        let (one, two) = (try PostgreSQLStore(options), try PostgreSQLStore(options))
        defer { [one, two].forEach { $0.close() } }
        let heard = Heard()
        two.listen { heard($0) }
        try await eventually("it listens") { two.trust.isHearing }
        _ = try await create(one)
        let owner = CredentialOwner(alice)
        try await one.noteOwners([OwnerRecord(owner, principal: alice, date: .now)])
        try await one.noteOwners([OwnerRecord(owner, principal: nil, date: .now)])
        try await eventually("it is heard") { heard.has(.owners(["alice"])) }
        heard.changes.withLock { $0 = [] }
        try await one.noteOwners([OwnerRecord(owner, principal: nil, date: .now)])
        let (record, _) = try await create(one)
        _ = try await APIKeyRing(store: one).revoke(.own(record.id, owner), cause: .owner)
        try await eventually("a later change is heard") { heard.has(.keys([record.id])) }
        #expect(!heard.has(.owners(["alice"])), "nothing has changed")
    }

    @Test(
        "A login that changes somebody's name or groups is told to all nodes, by both names; one that changes nothing is not"
    )
    func logins() async throws {
        let options = try await options()
        let (one, two) = (try PostgreSQLStore(options), try PostgreSQLStore(options))
        defer { [one, two].forEach { $0.close() } }
        let heard = Heard()
        two.listen { heard($0) }
        try await eventually("it listens") { two.trust.isHearing }
        func logIn(_ name: UserName, _ groups: [GroupName], after: TimeInterval = 0) async throws -> Bool {
            try await one.noteLogin(
                IdentityRecord(
                    source: SourceName(rawValue: "openid:p1"), identity: "iss|1", userName: name,
                    groups: StatedGroups(groups), displayName: nil, email: nil, lastLogin: .now + after)
            ) { _ in true }
        }
        func owners() -> [Set<UserName>] {
            heard.changes.withLock { changes in
                changes.compactMap { if case .owners(let names) = $0 { names } else { nil } }
            }
        }
        #expect(try await logIn("gina", ["chiefs"]))
        #expect(try await logIn("gina", ["chiefs"], after: 10))
        #expect(try await logIn("gina", ["guests"], after: 20))
        try await eventually("groups that went are heard") { !owners().isEmpty }
        #expect(owners() == [["gina"]], "the first login, and one that says the same, change nothing")
        #expect(try await logIn("gina-new", ["guests"], after: 30))
        try await eventually("a new name is heard") { owners().count > 1 }
        #expect(owners() == [["gina"], ["gina", "gina-new"]])
    }

    @Test("Many look-ups at once are few statements, and each has its own answer; a failure is everybody's")
    func lookUps() async throws {
        let database = try await PostgreSQL()
        var options = PostgreSQLOptions(connection: database.connection())
        options.password = Secret(PostgreSQL.password)
        options.maximumConnections = 2
        let store = try PostgreSQLStore(options)
        defer { store.close() }
        var known: [APIKeyDigest: UUID] = [:]
        for _ in 0..<50 {
            let (record, key) = try await create(store)
            known[key.digest] = record.id
        }
        let strangers = (0..<50).compactMap { APIKeyDigest([UInt8](repeating: UInt8($0), count: 32)) }
        let before = store.metrics.latencies[.lookUp]?.count ?? 0
        let expected = known
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Each twice: two requests with one key.
            for digest in (Array(known.keys) + strangers).flatMap({ [$0, $0] }).shuffled() {
                group.addTask {
                    let found = try await store.record(of: digest)
                    #expect(found?.id == expected[digest])
                }
            }
            try await group.waitForAll()
        }
        let statements = (store.metrics.latencies[.lookUp]?.count ?? 0) - before
        #expect(statements > 0 && statements < 150, "\(statements)")
        await database.stop(SIGQUIT)
        let failures = await withTaskGroup(of: Bool.self) { group in
            for digest in known.keys {
                group.addTask { (try? await store.record(of: digest)) == nil }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(failures == 50)
        try await database.start()
        for (digest, id) in known { #expect(try await store.record(of: digest)?.id == id, "without help") }
    }

    @Test(
        "TLS with verify-full takes a server whose certificate is of the authority, for its name and of today, and no other"
    )
    func encrypted() async throws {
        let files = try TemporaryFolder()
        chmod(files.root.path, 0o755)
        /// What the server shows from now on: its user may read it, and nobody else.
        func show(_ certificates: Certificates) async throws {
            for (from, to) in [(certificates.certificate, "server.crt"), (certificates.key, "server.key")] {
                let installed = try await Program("install", package: "coreutils").run(
                    ["-m", "600"] + (getuid() == 0 ? ["-o", "postgres", "-g", "postgres"] : []) + [
                        from, files.path(to),
                    ])
                try #require(installed.status == 0, "\(installed)")
            }
        }
        let good = try await Certificates(host: "DNS:localhost")
        try await show(good)
        let database = try await PostgreSQL([
            "ssl=on", "ssl_cert_file=\(files.path("server.crt"))", "ssl_key_file=\(files.path("server.key"))",
        ])
        func store(_ host: String = "localhost", authority: String? = nil) throws -> PostgreSQLStore {
            let place = database.connection().replacing("host=127.0.0.1", with: "host=\(host)")
            var options = PostgreSQLOptions(
                connection: "\(place) sslmode=verify-full sslrootcert=\(authority ?? good.authority)")
            options.password = Secret(PostgreSQL.password)
            return try PostgreSQLStore(options)
        }
        let secure = try store()
        let (record, key) = try await create(secure)
        #expect(try await secure.record(of: key.digest)?.id == record.id)
        let connections = try await database.psql(
            "SELECT count(*) > 0 AND bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'latchkey'"
        )
        #expect(connections.standardOutput == "t\n", "\(connections)")
        secure.close()
        func refusal(_ make: () throws -> PostgreSQLStore) -> String {
            do {
                try make().close()
                return "it was taken"
            } catch { return "\(error)" }
        }
        let other = try await Certificates(host: "DNS:localhost")
        #expect(refusal { try store(authority: other.authority) }.contains("certificate verify failed"))
        #expect(refusal { try store("127.0.0.1") }.contains("does not match host name"))
        let expired = try await Certificates(host: "DNS:localhost", days: -1)
        for shown in [other, expired] {
            try await show(shown)
            try await database.psql("SELECT pg_reload_conf()")
            // The server reads it a moment later.
            try await eventually("the server shows another one") {
                refusal { try store() }.contains("certificate verify failed")
            }
            let refused = refusal { try store(authority: shown.authority) }
            #expect(refused.contains(shown === expired ? "certificate verify failed" : "it was taken"), "\(refused)")
            try await show(good)
            try await database.psql("SELECT pg_reload_conf()")
            try await eventually("the server shows the first again") { refusal { try store() } == "it was taken" }
        }
        let plain = try await PostgreSQL.shared()
        var options = PostgreSQLOptions(
            connection:
                "host=localhost hostaddr=127.0.0.1 port=\(plain.port) user=\(PostgreSQL.user) sslmode=verify-full sslrootcert=\(good.authority)"
        )
        options.password = Secret(PostgreSQL.password)
        let refused = refusal { try PostgreSQLStore(options) }
        #expect(refused.contains("does not support SSL") && !refused.contains(PostgreSQL.password), "\(refused)")
    }

    @Test("A secret is the first node's, whoever asks at the same time")
    func secrets() async throws {
        let options = try await options()
        let stores = try (0..<4).map { _ in try PostgreSQLStore(options) }
        defer { stores.forEach { $0.close() } }
        let found = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for (number, store) in stores.enumerated() {
                group.addTask { try await store.sharedSecret("x", otherwise: [UInt8(number), 0, 255]) }
            }
            return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
        }
        #expect(found.count == 1 && found.first?.suffix(2) == [0, 255])
    }

    @Test(
        "Behind pgbouncer, which gives each transaction another connection, everything works, and what others do is heard beside it"
    )
    func pooler() async throws {
        let database = try await PostgreSQL.shared()
        let direct = try await options()
        let name = try #require(direct.connection.split(separator: "dbname=").last)
        let (folder, port) = (try TemporaryFolder(), try Ports.free())
        let config = try folder.write(
            "pgbouncer.ini",
            """
            [databases]
            * = host=127.0.0.1 port=\(database.port)
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = scram-sha-256
            auth_file = \(folder.path("users"))
            pool_mode = transaction
            default_pool_size = 3
            """)
        try folder.write("users", "\"\(PostgreSQL.user)\" \"\(PostgreSQL.password)\"\n")
        for path in ["", "users", "pgbouncer.ini"] { chmod(folder.path(path), 0o755) }
        let setpriv = try Program("setpriv", package: "util-linux")
        let bouncer = try Program("pgbouncer", package: "pgbouncer")
        let nobody = ["--reuid=postgres", "--regid=postgres", "--clear-groups"]
        let running =
            getuid() == 0
            ? try setpriv.start(nobody + [bouncer.path, config], output: folder.url("log"), error: folder.url("log"))
            : try bouncer.start([config], output: folder.url("log"), error: folder.url("log"))
        defer { running.signal(SIGKILL) }
        try await eventually("pgbouncer listens") {
            guard running.isRunning else { throw NeverHappened(description: try folder.text("log")) }
            return Ports.isOpen(port)
        }
        var options = direct
        options.connection = "host=127.0.0.1 port=\(port) user=\(PostgreSQL.user) dbname=\(name)"
        options.listenConnection = direct.connection
        options.preparesStatements = false
        options.maximumConnections = 8
        let store = try PostgreSQLStore(options)
        defer { store.close() }
        let heard = Heard()
        store.listen { heard($0) }
        try await eventually("it listens") { store.trust.isHearing }
        let ring = APIKeyRing(store: store)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<40 {
                group.addTask { [alice] in
                    let (record, key) = try await ring.create(
                        owner: alice, label: "", scopes: [], expirationDate: nil, userAgent: "")
                    #expect(try await store.record(of: key.digest)?.id == record.id)
                    _ = try await ring.revoke(.own(record.id, CredentialOwner(alice)), cause: .owner)
                    #expect(try await store.record(of: key.digest)?.revocation != nil)
                    try await eventually("it is heard") { heard.has(.keys([record.id])) }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("A connection that breaks is replaced; one that hangs is given up in time; neither takes a change twice")
    func broken() async throws {
        let database = try await PostgreSQL()
        var options = PostgreSQLOptions(connection: database.connection())
        options.password = Secret(PostgreSQL.password)
        options.statementTimeout = .milliseconds(700)
        options.connectTimeout = .seconds(2)
        let store = try PostgreSQLStore(options)
        defer { store.close() }
        let (record, key) = try await create(store)
        await database.stop(SIGQUIT)
        await #expect(throws: SourceFailure.self) { try await store.record(of: key.digest) }
        try await database.start()
        #expect(try await store.record(of: key.digest)?.id == record.id, "without help")
        try await database.freeze()
        let begun = ContinuousClock.now
        await #expect(throws: SourceFailure.self) { try await store.record(of: key.digest) }
        #expect(ContinuousClock.now - begun < .seconds(30), "it never answers")
        try await database.thaw()
        try await eventually("it answers again") { (try? await store.record(of: key.digest))?.id == record.id }
        #expect(try await store.records(.all(CredentialOwner(alice))).count == 1)
    }
}
