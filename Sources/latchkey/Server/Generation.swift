import AccessControl
import AuthService
import Crypto
import Foundation
import Htpasswd
import LDAPDirectory
import Logging
import NIOCore
import OpenIDConnect
import PostgreSQLStorage
import Sessions

/// What is in force between two reloads: a configuration, and the parts that were made of it.
struct Generation: Sendable {
    let configuration: Configuration
    let assembly: Assembly
    let service: AuthService
    let settings: ListenerSettings.Values
    /// Says whose certificate a client shows; nil where none is asked for.
    let certificates: ClientCertificates?

    /// The providers that people log in with; nil for none.
    let logins: ProviderLogins?

    /// Ends the keys of those whom the htpasswd file has no more.
    private let departed: DepartedUsers?

    /// Makes the parts. Those of the generation before of which the configuration says the same go on.
    /// - Parameters:
    ///   - configuration: what an operator set.
    ///   - previous: what is in force now; nil at the start.
    ///   - state: what stays over all reloads.
    /// - Throws: what keeps a part from working.
    init(_ configuration: Configuration, after previous: Generation?, _ state: ServerState) async throws {
        self.configuration = configuration
        let logs = state.logs
        let log = configuration.log
        let decisions = DecisionLog(
            logger: logs.logger, log: log.level <= .info ? logs.log : nil, settings: logs.settings, audit: logs.audit)
        let assembly = try await Assembly(
            configuration, logger: logs.logger, providers: state.providers,
            continuing: previous.map { ($0.assembly, $0.configuration) }
        ) { user, failures in
            decisions.alert(userName: user, failures: failures)
        }
        self.assembly = assembly
        departed = assembly.ring.map { DepartedUsers(ring: $0, decisions: decisions, logger: logs.logger) }
        var settings = ListenerSettings.Values()
        settings.tls = try configuration.tls.map { try TLSFiles.context($0, speaksHTTP2: configuration.speaksHTTP2) }
        if let tls = configuration.tls, tls.clientAuthority != nil {
            certificates = try ClientCertificates(configuration.certificateRules, tls)
        } else {
            certificates = nil
        }
        settings.timeouts.read = configuration.readTimeout.map { TimeAmount($0) }
        settings.timeouts.write = configuration.writeTimeout.map { TimeAmount($0) }
        settings.trustedProxies = configuration.trustedProxies
        settings.speaksHTTP2 = configuration.speaksHTTP2
        settings.limits = configuration.limits.connections
        settings.proxyProtocol = configuration.proxyProtocol
        self.settings = settings
        var options = AuthService.Options()
        options.realm = configuration.realm
        options.bearerChallenge = configuration.bearer?.challenge
        options.trustedProxies = configuration.trustedProxies
        options.forwardingFields = configuration.forwardingFields
        options.access = try configuration.accessRules()
        options.metricsAccess = configuration.access?.metrics
        options.administrators = try configuration.keyAdministrators()
        options.owners = assembly.owners
        options.certificateNames = assembly.certificateNames
        if let tokens = configuration.tokens {
            options.tokens = try await TokenKeyFiles.issuer(
                tokens, rootDirectory: configuration.rootDirectory, shared: assembly.sharedStore)
        }
        options.sessions = assembly.sessions.map { manager in
            BrowserSessions(
                manager: manager, cookieDomain: configuration.sessions.cookieDomain,
                isSecure: configuration.isBehindTLS, externalOrigin: configuration.externalOrigin)
        }
        options.returnOrigins = configuration.openID?.returnOrigins ?? []
        options.takesPasswords = configuration.htpasswd != nil || configuration.directory != nil
        options.reservedNames = ReservedNames(configuration.usersNamed)
        options.freshLogin = configuration.keys.freshLogin
        let isSame = Assembly.groupsOfOwners.allSatisfy { group in
            previous.map { $0.configuration.fingerprints[group] == configuration.fingerprints[group] } ?? false
        }
        if isSame {
            logins = previous?.logins
        } else {
            logins = try await Self.logins(configuration, assembly, state)
        }
        options.logins = logins
        options.keyExecutor = assembly.store?.lookUpExecutor
        options.alertAfterNetworks = configuration.keys.alertAfterNetworks
        options.alertCapacity = configuration.keys.memory.keys
        options.allowedOrigins = configuration.allowedOrigins
        options.hasOperationsListener = configuration.operations != nil
        options.maximumHeaderBytes = configuration.maximumHeaderBytes
        options.maximumBodyBytes = configuration.limits.bodyBytes
        options.isCurrent = { state.reloads.isCurrent }
        let expiry = configuration.tls.flatMap { TLSFiles.expiry($0) }
        options.metrics = { ServerMetrics.all(assembly, state, expiry) }
        service = AuthService(
            resolver: assembly.resolver, ring: assembly.ring, options: options, audit: decisions.sink,
            continuing: previous?.service)
    }

    /// Has the keys end of those whom the htpasswd file has no more. Call it once this is in force, and before anybody is answered.
    /// - Parameter previous: what was in force before; nil at the start.
    func followDepartures(after previous: Generation?) async {
        guard let htpasswd = assembly.htpasswd, let departed else { return }
        // Where nodes share a store each has a file of its own, and one that is started with a file of yesterday must end nothing.
        let isFirst = htpasswd !== previous?.assembly.htpasswd && assembly.sharedStore == nil
        await htpasswd.follow(isFirst: isFirst) { await departed.end($0) }
    }

    private static func logins(
        _ configuration: Configuration, _ assembly: Assembly, _ state: ServerState
    ) async throws -> ProviderLogins? {
        guard let openID = configuration.openID, let store = assembly.store, let origin = configuration.loginOrigin
        else { return nil }
        var seal = state.loginSeal
        if let shared = assembly.sharedStore {
            // A login that begins at one node may end at another.
            let fresh = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
            seal = LoginSeal(key: try await shared.sharedSecret("login-seal", otherwise: fresh))
        }
        guard let seal else { return nil }
        return ProviderLogins(
            providers: openID.providers.map {
                IdentityProvider(
                    $0, transport: state.providers.transport(authority: openID.authorities[$0.name]))
            }, identities: store, names: assembly.names ?? NameBook(store: store, people: []), seal: seal,
            origin: "\(origin)", lifetime: openID.loginValidFor, links: openID.links)
    }
}
