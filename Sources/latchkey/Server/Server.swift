import AuthService
import Credentials
import Foundation
import Logging
import SQLiteStorage
import ServiceLifecycle
import UnixSignals

/// One run of the server, from its start to the last line of its log.
///
/// What an operator sets may change while it runs (``Reloader``): what is in force is a ``Generation``.
final class Server: Sendable {
    /// Where the configuration is read again.
    private let source: ConfigurationOptions
    private let configuration: Configuration
    let state: ServerState

    /// - Parameters:
    ///   - configuration: what an operator set.
    ///   - source: where that was read.
    /// - Throws: ``ConfigurationError`` if a log file can't be written.
    init(_ configuration: Configuration, source: ConfigurationOptions) throws(ConfigurationError) {
        self.source = source
        self.configuration = configuration
        state = ServerState(
            logs: try ServerLogs(configuration.log), providers: ProviderClient(configuration.proxies))
    }

    /// Runs until a signal ends it.
    /// - Throws: what kept it from running.
    func run() async throws {
        let logs = state.logs
        logs.begin()
        defer { logs.end() }
        do {
            try await runToTheEnd()
        } catch {
            await state.providers.shutdown()
            throw error
        }
        await state.providers.shutdown()
    }

    private func runToTheEnd() async throws {
        let logs = state.logs
        FileDescriptorLimit.raise()
        // What SIGHUP and SIGUSR1 ask for others do; this one would end the process.
        signal(SIGUSR2, SIG_IGN)
        for notice in configuration.notices { logs.logger.notice("\(notice)") }
        state.warnings.tell(of: configuration, logs.logger)
        let first = try await Generation(configuration, after: nil, state)
        await first.followDepartures(after: nil)
        let uses = first.assembly.store.map { _ in UseWriter(first.assembly, logger: logs.logger) }
        var nodes: OtherNodes?
        if let uses, let shared = first.assembly.sharedStore {
            nodes = OtherNodes(shared, logger: logs.logger) { uses.assembly }
        }
        nodes?.listen()
        let checkpoints = logs.audit.map { AuditCheckpoints(logs: logs, writer: $0, store: first.assembly.store) }
        do {
            try await serve(first, uses, nodes, checkpoints)
        } catch {
            await uses?.write(isLast: true)
            await end(checkpoints)
            throw error
        }
        await uses?.write(isLast: true)
        await end(checkpoints)
        try first.assembly.store?.shutDown()
        logs.logger.info("stopped")
    }

    /// Ends the trail, and then tells the store where: of what is written behind that nobody would miss the loss.
    private func end(_ checkpoints: AuditCheckpoints?) async {
        await state.logs.endAudit()
        await checkpoints?.keep()
    }

    private func serve(
        _ first: Generation, _ uses: UseWriter?, _ nodes: OtherNodes?, _ checkpoints: AuditCheckpoints?
    ) async throws {
        let logs = state.logs
        let reloader = Reloader(first, source: source, state: state, uses: uses, nodes: nodes)
        var quiet = logs.logger
        quiet.logLevel = max(logs.logger.logLevel, .error)
        // The last one stops first: questions to providers get their time, then the listeners, then what works for them.
        let services: [(any Service)?] = [
            checkpoints,
            LogReopening(writers: logs.writers, logger: logs.logger),
            uses, first.assembly.store.map { KeyCounter(store: $0, counts: state.keys, logger: logs.logger) },
            state.manager.watchdogInterval.map { Watchdog(manager: state.manager, interval: $0) },
            reloader.htpasswdWatch, reloader, reloader.listeners, ProviderEnd(providers: state.providers),
        ]
        var group = ServiceGroupConfiguration(
            services: services.compactMap { $0 }, gracefulShutdownSignals: [.sigterm, .sigint, .sigquit], logger: quiet)
        group.maximumGracefulShutdownDuration = .seconds(10)
        do {
            try await ServiceGroup(configuration: group).run()
        } catch is CancellationError {
            // Requests that were still running after ten seconds were cut off.
        }
    }
}
