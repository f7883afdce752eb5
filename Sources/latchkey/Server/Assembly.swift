import APIKeys
import AuthService
import Credentials
import Crypto
import Foundation
import Htpasswd
import LDAPDirectory
import Logging
import NIOCore
import OpenIDConnect
import PostgreSQLStorage
import SQLiteStorage
import Sessions

/// The parts of a running Latchkey, put together by a configuration.
struct Assembly: Sendable {
    let htpasswd: HtpasswdSource?
    let directory: DirectorySource?
    let bearer: BearerSource?
    private let kept: Kept?
    private let configuration: (hasKeys: Bool, hasSessions: Bool)
    let resolver: CredentialResolver
    /// What tells whether two nodes have the same rules: a digest of what the configuration says of rights and of keys.
    let policyVersion: String

    /// The groups of keys of which the configuration must say the same for owners, and all that asks about names, to stay as they are.
    static let groupsOfOwners = [
        "htpasswd", "ldap", "apiKeys", "sessions", "openid", "ownerCheck", "bearer", "certificates",
    ]

    /// A name of tokens, and who has given it.
    private struct TokenName: Equatable {
        let name: UserName
        let issuer: Issuer
    }

    /// What a store holds, and who vouches for the owners of that.
    private struct Kept: Sendable {
        let store: any NodeStore
        let ring: APIKeyRing
        let owners: OwnerCheck
        let sessions: SessionManager
        let names: NameBook
        let certificateNames: ClaimedNames
        let tokenNames: ClaimedNames
    }

    var store: (any NodeStore)? { kept?.store }
    /// The store, if other nodes have it too.
    var sharedStore: PostgreSQLStore? { kept?.store as? PostgreSQLStore }
    var owners: OwnerCheck? { kept?.owners }
    /// Who has which name, of those whose names no file and no directory gives.
    var names: NameBook? { kept?.names }
    /// The names of client certificates.
    var certificateNames: ClaimedNames? { kept?.certificateNames }
    var ring: APIKeyRing? { configuration.hasKeys ? kept?.ring : nil }
    var sessions: SessionManager? { configuration.hasSessions ? kept?.sessions : nil }

    /// Builds the parts. Opens the files; connects to no directory yet.
    /// - Parameters:
    ///   - configuration: what an operator set.
    ///   - logger: where the sources' lines go.
    ///   - onAlert: told of accounts that fail many times in a row.
    ///   - isObserver: only look at the API keys, beside the server that has them.
    ///   - providers: asks issuers of tokens; nil to judge none.
    ///   - previous: the parts that work now, with their configuration: those of which it says the same go on, with what they remember.
    /// - Throws: `HtpasswdFileError`, `StorageError`.
    init(
        _ configuration: Configuration, logger: Logger, isObserver: Bool = false, providers: ProviderClient? = nil,
        continuing previous: (assembly: Assembly, configuration: Configuration)? = nil,
        onAlert: (@Sendable (UserName, Int) -> Void)? = nil
    ) async throws {
        func isSame(_ name: String) -> Bool {
            previous.map { $0.configuration.fingerprints[name] == configuration.fingerprints[name] } ?? false
        }
        var entries: [CredentialResolver.Entry] = []
        if isSame("htpasswd") {
            htpasswd = previous?.assembly.htpasswd
        } else {
            htpasswd = try await Self.htpasswd(configuration, logger)
        }
        if let htpasswd, let settings = configuration.htpasswd {
            entries.append(.init(htpasswd, isAuthoritative: settings.isAuthoritative))
        }
        if isSame("ldap") {
            directory = previous?.assembly.directory
        } else {
            directory = configuration.directory.map { DirectorySource($0.options, logger: logger) }
        }
        if let directory, let settings = configuration.directory {
            entries.append(.init(directory, isAuthoritative: settings.isAuthoritative))
        }
        self.configuration = (configuration.apiKeys, configuration.hasSessions)
        let rules = ["accessControl", "apiKeys"].map { configuration.fingerprints[$0] ?? "" }.joined(separator: " ")
        policyVersion = String(SHA256.hash(data: Data(rules.utf8)).hexadecimal.prefix(16))
        // The folder, or the place among those who listen, is this process's: it can't be opened a second time.
        if let store = try previous?.assembly.kept?.store ?? Self.store(configuration, logger, isObserver) {
            let kept: Kept
            // What is remembered of keys and sessions holds as long as those who vouch for their owners are the same.
            if let old = previous?.assembly.kept,
                Self.groupsOfOwners.allSatisfy(isSame)
            {
                kept = old
            } else {
                let strangers = Self.strangers(configuration, store)
                let owners = OwnerCheck(
                    directories: Self.people(htpasswd, directory) + strangers,
                    holders: [ServiceAccountNames(store: store)], store: store,
                    interval: configuration.ownerCheck.interval, grace: configuration.ownerCheck.grace,
                    capacity: configuration.keys.memory.keys)
                let names = NameBook(store: store, people: strangers)
                var (keys, sessions) = (configuration.keys.options, configuration.sessions.options)
                if let trust = store.memoryTrust {
                    keys.trust = { trust.isGood(at: $0) }
                    sessions.trust = keys.trust
                }
                let origins = SessionOrigins(configuration.openID, owners)
                sessions.isStill = { await origins.isStill($0, $1) }
                kept = Kept(
                    store: store, ring: APIKeyRing(store: store, options: keys), owners: owners,
                    sessions: SessionManager(store: store, owners: owners, options: sessions), names: names,
                    certificateNames: ClaimedNames(.certificate, book: names, lifetime: configuration.loginValidFor),
                    tokenNames: ClaimedNames(.bearer, book: names, lifetime: configuration.loginValidFor))
            }
            if configuration.apiKeys { entries.append(.init(APIKeySource(ring: kept.ring, owners: kept.owners))) }
            self.kept = kept
        } else {
            kept = nil
        }
        if (Self.groupsOfOwners + ["cache"]).allSatisfy(isSame), let previous {
            bearer = previous.assembly.bearer
        } else {
            bearer = Self.bearer(
                configuration, providers, kept?.owners ?? OwnerCheck(directories: Self.people(htpasswd, directory)),
                kept?.tokenNames)
        }
        if let bearer { entries.append(.init(bearer)) }
        var options = CredentialResolver.Options()
        options.failDelay = configuration.failDelay
        options.cacheLifetime = configuration.cache.lifetime
        options.cacheCapacity = configuration.cache.capacity
        options.loopCapacity = configuration.keys.memory.loopCapacity(loops: System.coreCount)
        options.throttle = configuration.throttle
        options.onAlert = onAlert
        if let owners = kept?.owners { options.onVerified = { owners.vouch(for: $0) } }
        if let shared = kept?.store as? PostgreSQLStore { options.onFailure = { shared.tell($0) } }
        resolver = CredentialResolver(
            entries: entries, options: options, continuing: previous?.assembly.resolver)
    }

    /// The sources of people, first asked first.
    var people: [any UserDirectory] { Self.people(htpasswd, directory) }
    /// The same, with those who have come by a provider, a certificate or a token: as far as the store knows.
    func people(_ configuration: Configuration) -> [any UserDirectory] {
        people + (store.map { Self.strangers(configuration, $0) } ?? [])
    }

    private static func people(_ htpasswd: HtpasswdSource?, _ directory: DirectorySource?) -> [any UserDirectory] {
        let people: [(any UserDirectory)?] = [htpasswd, directory]
        return people.compactMap(\.self)
    }

    /// Those whose names are chosen where nobody knows of the others: people of providers, certificates, tokens of workloads.
    static func strangers(_ configuration: Configuration, _ store: any IdentityStore) -> [ProviderPeople] {
        let lifetime = configuration.loginValidFor
        let links = configuration.openID?.links ?? [:]
        var people = (configuration.openID?.providers ?? []).map { provider in
            ProviderPeople(
                provider.source, issuers: [provider.issuer], store: store, lifetime: lifetime,
                naming: provider.groupNaming,
                linkedName: { identity in
                    identity.subject(of: provider.issuer).flatMap {
                        links[LinkedIdentity(provider: provider.name, subject: $0)]
                    }
                })
        }
        if configuration.tls?.clientAuthority != nil {
            people.append(ProviderPeople(.certificate, issuers: nil, store: store, lifetime: lifetime))
        }
        if let bearer = configuration.bearer {
            let signers = [bearer.signer.map { $0.issuer ?? "" }].compactMap(\.self)
            people.append(
                ProviderPeople(
                    .bearer, issuers: bearer.issuers.map(\.settings.issuer) + signers, store: store, lifetime: lifetime)
            )
        }
        return people
    }

    /// What a node keeps, opened.
    /// - Returns: nil if there is nothing to keep, or nothing to look at yet.
    static func store(
        _ configuration: Configuration, _ logger: Logger, _ isObserver: Bool
    ) throws -> (any NodeStore)? {
        guard configuration.hasStore else { return nil }
        if let options = configuration.postgreSQL {
            // Blocks, as opening a file does: nothing else runs yet.
            return try PostgreSQLStore(options, logger: logger)
        }
        guard let url = configuration.rootDirectory.map({ URL(filePath: $0) }) else { return nil }
        if isObserver { return SQLiteStore.exists(in: url) ? try SQLiteStore(readingFrom: url) : nil }
        return try SQLiteStore(folder: url, cache: configuration.keys.memory.store, logger: logger)
    }

    /// The source of tokens that a configuration names; nil for none.
    static func bearer(
        _ configuration: Configuration, _ providers: ProviderClient?, _ owners: OwnerCheck, _ names: ClaimedNames? = nil
    ) -> BearerSource? {
        guard let settings = configuration.bearer, let providers else { return nil }
        var options = BearerSource.Options()
        options.cacheLifetime = configuration.cache.lifetime
        options.nameState = { owners.nameState }
        let seen = Locked(LRUCache<String, TokenName>(capacity: 65_536))
        options.isFree = { name, issuer in
            let isFree = await owners.isFree(userName: name, besides: .bearer)
            guard isFree == true else { return isFree }
            guard let names else {
                // Without a store each process knows for itself who came first.
                let (folded, new) = (StringPreparation.caseIgnore(name), TokenName(name: name, issuer: issuer))
                return seen.withLock { seen in
                    if let first = seen[folded] { return first == new }
                    seen[folded] = new
                    return true
                }
            }
            // A store that is away says nothing.
            do throws(SourceFailure) {
                return try await names.claim(name, of: issuer)
            } catch {
                return nil
            }
        }
        return BearerSource(
            issuers: settings.issuers.map {
                ($0.settings, providers.transport(authority: $0.authority))
            }, signer: settings.signer, options: options)
    }

    private static func htpasswd(_ configuration: Configuration, _ logger: Logger) async throws -> HtpasswdSource? {
        guard let settings = configuration.htpasswd else { return nil }
        let options = Self.options(settings)
        // As many threads as cores: more would only take turns. They take what the event loops leave.
        let lane = WorkLane(
            name: "hashing", threads: ProcessInfo.processInfo.activeProcessorCount, maximumQueued: 512,
            priority: .leftover)
        return try await HtpasswdSource(path: settings.path, hashing: lane, options: options, logger: logger)
    }

    /// How an htpasswd source behaves.
    static func options(_ settings: Configuration.Htpasswd) -> HtpasswdSource.Options {
        var options = HtpasswdSource.Options()
        options.allowTruncation = settings.allowTruncation
        options.limits.allowPlainText = settings.allowPlainText
        options.limits.hashes = settings.limits
        options.groupFile = settings.groups
        options.rehash = settings.rehash
        return options
    }
}
