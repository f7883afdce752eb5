import Logging
import ServiceLifecycle
import UnixSignals

/// Opens the log and the audit file anew when SIGUSR1 comes, as logrotate and people expect.
struct LogReopening: Service {
    let writers: [LineWriter]
    let logger: Logger

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigusr1)
        for await _ in signals.cancelOnGracefulShutdown() {
            for writer in writers { writer.reopen() }
            logger.notice("opened the log files anew")
        }
    }
}
