import AccessControl
import APIKeys
import ArgumentParser
import AuthService
import Foundation
import LDAPDirectory
import Logging
import NIOCore
import SQLiteStorage
import ServiceLifecycle
import UnixSignals

/// `latchkey serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", abstract: "Run the server.")

    @OptionGroup var source: ConfigurationOptions

    func run() async throws {
        var listen: Configuration.Listen?
        do {
            let configuration = try source.configuration()
            listen = configuration.listen
            try await Server(configuration).run()
        } catch {
            throw Failure.report(error, listen: listen)
        }
    }
}

/// One run of the server, from its start to the last line of its log.
private struct Server {
    let configuration: Configuration
    let logWriter: LineWriter
    let auditWriter: LineWriter?
    let logger: Logger

    init(_ configuration: Configuration) throws(ConfigurationError) {
        self.configuration = configuration
        let writer =
            if let path = configuration.log.output {
                try LineWriter(path: path)
            } else {
                LineWriter(descriptor: STDERR_FILENO, name: "standard error")
            }
        logWriter = writer
        auditWriter =
            if let path = configuration.log.audit {
                try LineWriter(
                    auditFile: path,
                    signer: try configuration.log.auditKey.map { (path) throws(ConfigurationError) in
                        try AuditSigner(path: path)
                    }
                ) { count in
                    LogLine.json([("time", Timestamp.format(.now)), ("event", "lines-lost"), ("count", "\(count)")])
                }
            } else {
                nil
            }
        let log = configuration.log
        logger = Logger(label: "latchkey") { _ in LineLogHandler(writer: writer, format: log.format, level: log.level) }
    }

    func run() async throws {
        auditWriter?.write(
            LogLine.json([("time", Timestamp.format(.now)), ("event", "started"), ("version", Version.current)]))
        auditWriter?.write(AuditChain.checkpoint)
        defer {
            auditWriter?.write(LogLine.json([("time", Timestamp.format(.now)), ("event", "stopped")]))
            auditWriter?.write(AuditChain.checkpoint)
            auditWriter?.close()
            logWriter.close()
        }
        FileDescriptorLimit.raise()
        // What it would ask for happens by itself: files that change are read again.
        signal(SIGHUP, SIG_IGN)
        signal(SIGUSR2, SIG_IGN)
        for notice in configuration.notices { logger.notice("\(notice)") }
        let log = configuration.log
        let decisions = DecisionLog(
            logger: logger, log: log.level <= .info ? logWriter : nil, format: log.format, audit: auditWriter)
        let assembly = try await Assembly(configuration, logger: logger) { user, failures in
            decisions.alert(userName: user, failures: failures)
        }
        let writer = assembly.ring.map { UseWriter(ring: $0, owners: assembly.owners, logger: logger) }
        do {
            try await serve(assembly, writer, decisions)
        } catch {
            await writer?.write(isLast: true)
            throw error
        }
        await writer?.write(isLast: true)
        try assembly.store?.close()
        logger.info("stopped")
    }

    private func serve(_ assembly: Assembly, _ writer: UseWriter?, _ decisions: DecisionLog) async throws {
        var options = AuthService.Options()
        options.realm = configuration.realm
        options.trustedProxies = configuration.trustedProxies
        options.forwardingFields = configuration.forwardingFields
        options.access = configuration.access?.rules ?? .open
        options.metricsAccess = configuration.access?.metrics
        options.administrators = try configuration.keyAdministrators()
        options.owners = assembly.owners
        if let tokens = configuration.tokens {
            options.tokens = try await TokenKeyFiles.issuer(tokens, rootDirectory: configuration.rootDirectory)
        }
        options.keyExecutor = assembly.store?.lookups
        options.alertAfterNetworks = configuration.keys.alertAfterNetworks
        options.allowedOrigins = configuration.allowedOrigins
        options.hasOperationsListener = configuration.operations != nil
        options.maximumHeaderBytes = configuration.maximumHeaderBytes ?? options.maximumHeaderBytes
        let writers = [logWriter, auditWriter].compactMap { $0 }
        options.metrics = { [directory = assembly.directory] in
            ServerMetrics.directory(directory?.servers ?? []) + ServerMetrics.logs(writers)
        }
        let service = AuthService(
            resolver: assembly.resolver, ring: assembly.ring, options: options, audit: decisions.sink)
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .error)
        let running: @Sendable (String) -> Void = { [logger] address in
            logger.notice("listening", metadata: ["address": "\(address)"])
        }
        var timeouts = ConnectionTimeouts()
        timeouts.read = configuration.readTimeout.map { TimeAmount($0) }
        timeouts.write = configuration.writeTimeout.map { TimeAmount($0) }
        let operations = try configuration.operations.map { listen in
            try ListeningServer.http(service.forOperations, listen: listen) { [logger] address in
                logger.notice("serving operations", metadata: ["address": "\(address)"])
            }
        }
        let fastCGI = configuration.fastCGI.map { listen in
            ListeningServer.fastCGI(
                service, listen: listen, trustedProxies: configuration.trustedProxies, timeouts: timeouts
            ) { [logger] address in
                logger.notice("serving FastCGI", metadata: ["address": "\(address)"])
            }
        }
        let server = try ListeningServer.http(
            service, listen: configuration.listen, tls: configuration.tls, timeouts: timeouts, onRunning: running)
        // The last one stops first: the server, then what works for it.
        let services: [(any Service)?] = [
            auditWriter.map { AuditCheckpoints(writer: $0) }, LogReopening(writers: writers, logger: logger), writer,
            assembly.htpasswd.map { HtpasswdWatch(source: $0) }, operations, fastCGI, server,
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
