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
        for text in ["", "*", "k", "k ", "k x", "k \(id),x", "z \(id)", "k  \(id)", "\u{0}"] {
            #expect(StoreChange(payload: text) == .everything, "\(text)")
        }
    }

    @Test("Failures are told in few words, of whatever name and network, and never to the one who tells")
    func failures() {
        let failures =
            ["amy", "Ü b@c%,;\u{7F}", "x"].flatMap { name in
                [IPNetwork("192.0.2.7/32"), IPNetwork("2001:db8::/64"), nil].map {
                    CountedFailure(userName: name, network: $0)
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
        #expect(ContinuousClock.now - begun < .seconds(8))
        try await database.thaw()
        try await eventually("it answers again") { (try? await store.record(of: key.digest))?.id == record.id }
        #expect(try await store.records(.all(CredentialOwner(alice))).count == 1)
    }
}
