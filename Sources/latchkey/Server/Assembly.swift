import APIKeys
import AuthService
import Credentials
import Foundation
import Htpasswd
import LDAPDirectory
import Logging

/// The parts of a running Latchkey, put together by a configuration.
struct Assembly: Sendable {
    let htpasswd: HtpasswdSource?
    let directory: DirectorySource?
    let store: SQLiteAPIKeyStore?
    let ring: APIKeyRing?
    let resolver: CredentialResolver

    /// Builds the parts. Opens the files; connects to no directory yet.
    /// - Parameters:
    ///   - configuration: what an operator set.
    ///   - logger: where the sources' lines go.
    ///   - onAlert: told of accounts that fail many times in a row.
    ///   - isObserver: only look at the API keys, beside the server that has them.
    /// - Throws: `HtpasswdFileError`, `APIKeyStoreError`.
    init(
        _ configuration: Configuration, logger: Logger, isObserver: Bool = false,
        onAlert: (@Sendable (String, Int) -> Void)? = nil
    ) async throws {
        var entries: [CredentialResolver.Entry] = []
        htpasswd = try await Self.htpasswd(configuration, logger)
        if let htpasswd, let settings = configuration.htpasswd {
            entries.append(.init(htpasswd, isAuthoritative: settings.isAuthoritative))
        }
        directory = configuration.directory.map { DirectorySource($0.options, logger: logger) }
        if let directory, let settings = configuration.directory {
            entries.append(.init(directory, isAuthoritative: settings.isAuthoritative))
        }
        let folder = configuration.apiKeys ? configuration.rootDirectory.map { URL(filePath: $0) } : nil
        // Before the first start there are no keys to look at.
        if let url = folder, !isObserver || SQLiteAPIKeyStore.exists(in: url) {
            let store =
                try isObserver ? SQLiteAPIKeyStore(readingFrom: url) : SQLiteAPIKeyStore(folder: url, logger: logger)
            let ring = APIKeyRing(store: store)
            let directories: [(any UserDirectory)?] = [htpasswd, directory]
            let owners = OwnerCheck(
                directories: directories.compactMap { $0 }, interval: configuration.ownerCheck.interval,
                grace: configuration.ownerCheck.grace)
            entries.append(.init(APIKeySource(ring: ring, owners: owners)))
            (self.store, self.ring) = (store, ring)
        } else {
            (store, ring) = (nil, nil)
        }
        var options = CredentialResolver.Options()
        options.failDelay = configuration.failDelay
        options.cacheLifetime = configuration.cache.lifetime
        options.cacheCapacity = configuration.cache.capacity
        options.throttle = configuration.throttle
        options.onAlert = onAlert
        resolver = CredentialResolver(entries: entries, options: options)
    }

    private static func htpasswd(_ configuration: Configuration, _ logger: Logger) async throws -> HtpasswdSource? {
        guard let settings = configuration.htpasswd else { return nil }
        var options = HtpasswdSource.Options()
        options.allowTruncation = settings.allowTruncation
        options.limits.allowPlainText = settings.allowPlainText
        options.limits.bcryptCost = settings.maximumBcryptCost
        options.groupFile = settings.groups
        options.rehash = settings.rehash
        // As many threads as cores: more would only take turns. They take what the event loops leave.
        let lane = WorkLane(
            name: "hashing", threads: ProcessInfo.processInfo.activeProcessorCount, maximumQueued: 512,
            priority: .leftover)
        return try await HtpasswdSource(path: settings.path, hashing: lane, options: options, logger: logger)
    }
}
