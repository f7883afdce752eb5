import AuthService
import Credentials
import Foundation
import Htpasswd
import Logging
import ServiceLifecycle
import UnixSignals

/// Takes a configuration into force while the server runs: when SIGHUP comes, and when the file changes, or one that it names.
///
/// No connection ends, and what is remembered stays as far as it holds. A configuration that is broken changes nothing: the log, `/readyz` and a metric
/// say so.
final class Reloader: Service {
    /// How often files are looked at.
    private static let interval = Duration.seconds(1)

    let listeners: Listeners
    let htpasswdWatch: ReplaceableWork
    private let source: ConfigurationOptions
    private let state: ServerState
    private let uses: UseWriter?
    private let nodes: OtherNodes?
    private let settings: ListenerSettings
    private let clients: ServiceSwitch
    private let operators: ServiceSwitch
    private let current: Locked<Generation>
    /// What the files looked like when they were last read.
    private let settled: Locked<[String: FileSignature]>

    /// - Parameters:
    ///   - first: what is in force at the start.
    ///   - source: where the configuration is read again.
    ///   - state: takes what comes of it.
    ///   - uses: writes when keys were used.
    init(_ first: Generation, source: ConfigurationOptions, state: ServerState, uses: UseWriter?, nodes: OtherNodes?) {
        (self.source, self.state, self.uses, self.nodes) = (source, state, uses, nodes)
        current = Locked(first)
        settled = Locked(Self.signatures(first.configuration))
        settings = ListenerSettings(first.settings, state.connections, logger: state.logs.logger)
        clients = ServiceSwitch(first.service, certificates: first.certificates)
        operators = ServiceSwitch(first.service.forOperations)
        listeners = Listeners(
            Self.listeners(first.configuration, settings, clients, operators, state.logs.logger), state.manager)
        htpasswdWatch = ReplaceableWork(Self.watch(first.assembly))
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await _ in await UnixSignalsSequence(trapping: .sighup) { await self.reload() }
                }
                group.addTask { await self.watchFiles() }
            }
        }
    }

    private var logs: ServerLogs { state.logs }

    /// Reads the configuration, and takes it into force if it can be.
    func reload() async {
        state.manager.tell(.reloading)
        // Also where the one of before stays: it is what answers.
        defer { state.manager.tell(.ready) }
        do {
            let old = current.withLock { $0 }
            // Before they are read: what changes meanwhile is seen as a change.
            settled.withLock { $0 = Self.signatures(old.configuration) }
            let configuration = try source.configuration()
            try Self.refuseWhatNeedsARestart(old.configuration, configuration)
            let new = try await Generation(configuration, after: old, state)
            try await listeners.replace(
                with: Self.listeners(configuration, settings, clients, operators, logs.logger))
            // Nothing fails from here on.
            await new.followDepartures(after: old)
            settings.replace(new.settings)
            logs.settings.replace(configuration.log)
            clients.replace(new.service, certificates: new.certificates)
            operators.replace(new.service.forOperations)
            current.withLock { $0 = new }
            // It may name other files.
            let named = Self.signatures(configuration)
            settled.withLock { read in read = named.merging(read.filter { named[$0.key] != nil }) { $1 } }
            if new.assembly.htpasswd !== old.assembly.htpasswd { htpasswdWatch.replace(Self.watch(new.assembly)) }
            await uses?.replace(new.assembly)
            if old.configuration.fingerprints["openid"] != configuration.fingerprints["openid"] {
                await new.assembly.endSessionsTakenBack(configuration, logs.logger)
            }
            nodes?.announce()
            state.reloads.succeed()
            for notice in configuration.notices { logs.logger.notice("\(notice)") }
            state.warnings.tell(of: configuration, after: old.configuration, logs.logger)
            logs.logger.notice("the configuration was read again, and is in force")
        } catch {
            state.reloads.fail()
            logs.logger.error("the configuration of before stays in force, as the new one can't be used: \(error)")
        }
    }

    /// Reloads when a file has changed, once two looks at it agree: half a file is not taken for a new one.
    private func watchFiles() async {
        var seen = settled.withLock { $0 }
        while (try? await Task.sleep(for: Self.interval)) != nil {
            let now = Self.signatures(current.withLock { $0.configuration })
            defer { seen = now }
            let read = settled.withLock { $0 }
            guard now == seen, now != read else { continue }
            await reload()
        }
    }

    /// The files of the configuration, but for those whose owners read them again by themselves.
    private static func signatures(_ configuration: Configuration) -> [String: FileSignature] {
        let others = [configuration.htpasswd?.path, configuration.htpasswd?.groups, configuration.rootDirectory]
        var signatures: [String: FileSignature] = [:]
        for path in configuration.files.subtracting(others.compactMap { $0 }) {
            guard !isWritten(path, configuration) else { continue }
            signatures[path] = FileSignature(path: path)
        }
        return signatures
    }

    /// Whether the server itself writes a file.
    private static func isWritten(_ path: String, _ configuration: Configuration) -> Bool {
        let log = configuration.log
        if [log.output, log.audit, log.auditKey].contains(path) { return true }
        return (configuration.listen + [configuration.operations, configuration.fastCGI].compactMap { $0 }).contains {
            $0.path == path
        }
    }

    /// What can't change while the server runs.
    private static func refuseWhatNeedsARestart(_ old: Configuration, _ new: Configuration) throws(ConfigurationError) {
        func refuse(_ key: String) throws(ConfigurationError) {
            throw ConfigurationError(place: key, message: "can't change while the server runs: start it anew")
        }
        if old.rootDirectory != new.rootDirectory || old.apiKeys != new.apiKeys
            || old.hasStore != new.hasStore
        {
            let key = old.apiKeys != new.apiKeys ? "http.auth.apikey" : "http.auth.sessions"
            try refuse(old.rootDirectory != new.rootDirectory ? "storage.rootDirectory" : key)
        }
        if old.fingerprints["postgresql"] != new.fingerprints["postgresql"] { try refuse("storage.postgresql") }
        if old.log.output != new.log.output || old.log.syslog != new.log.syslog { try refuse("log.output") }
        if old.log.audit != new.log.audit || old.log.auditKey != new.log.auditKey { try refuse("log.audit") }
    }

    private static func watch(_ assembly: Assembly) -> ReplaceableWork.Work? {
        guard let source = assembly.htpasswd else { return nil }
        return { await source.watch() }
    }

    private static func listeners(
        _ configuration: Configuration, _ settings: ListenerSettings, _ clients: ServiceSwitch,
        _ operators: ServiceSwitch, _ logger: Logger
    ) -> [Listener] {
        func told(_ message: String) -> @Sendable (String) -> Void {
            { address in logger.notice("\(message)", metadata: ["address": "\(address)"]) }
        }
        var listeners = configuration.listen.map { listen in
            Listener(
                identity: .init(role: .clients, listen: listen), answerer: clients,
                scheme: configuration.tls == nil ? "http" : "https",
                setUp: { try settings.setUpClient($0, $1, clients) }, onRunning: told("listening"))
        }
        if let listen = configuration.operations {
            listeners.append(
                Listener(
                    identity: .init(role: .operators, listen: listen), answerer: operators, scheme: "http",
                    setUp: { try settings.setUpOperator($0, $1) },
                    onRunning: told("serving operations")))
        }
        if let listen = configuration.fastCGI {
            listeners.append(
                Listener(
                    identity: .init(role: .webServers, listen: listen), answerer: clients, scheme: "fcgi",
                    setUp: { try settings.setUpFastCGI($0, $1) }, onRunning: told("serving FastCGI")))
        }
        return listeners
    }
}
