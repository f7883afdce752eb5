import APIKeys
import Credentials
import Foundation
import Logging
import ServiceLifecycle
import Sessions

/// Writes the uses of API keys and sessions, and what sources have said of their owners, behind, in batches; deletes what is left of those that
/// ended long ago.
final class UseWriter: Service {
    /// How long uses wait at most for others to be written with.
    private static let interval = Duration.seconds(5)
    /// How many more with such uses make it write earlier: each takes memory.
    private static let enough = 2048

    private let current: Locked<Assembly>
    private let logger: Logger

    init(_ assembly: Assembly, logger: Logger) {
        current = Locked(assembly)
        self.logger = logger
    }

    /// Writes for other parts from now on; what those of before have noted is written first.
    func replace(_ assembly: Assembly) async {
        let old = current.withLock { $0 }
        guard old.owners !== assembly.owners else { return current.withLock { $0 = assembly } }
        await write(isLast: true)
        current.withLock { $0 = assembly }
    }

    /// The parts that it writes for.
    var assembly: Assembly { current.withLock { $0 } }

    /// How many have uses that are not written.
    private var unwritten: Int {
        current.withLock { ($0.ring?.unwrittenUses ?? 0) + ($0.sessions?.unwrittenUses ?? 0) }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            // Not at once: it looks through the whole table, and a server that starts has other work.
            var nextPurge = ContinuousClock.now + .seconds(600)
            var (lastWrite, left) = (ContinuousClock.now, 0)
            while !Task.isCancelled {
                // Once cancelled, the last write is the caller's.
                guard (try? await Task.sleep(for: .milliseconds(500))) != nil else { return }
                guard .now - lastWrite >= Self.interval || unwritten - left >= Self.enough else { continue }
                // In a task of its own: one that is cancelled in the middle of a write can't use the store.
                await Task { [self] in await write() }.value
                (lastWrite, left) = (.now, unwritten)
                guard ContinuousClock.now >= nextPurge else { continue }
                nextPurge = .now + .seconds(3600)
                await purge()
            }
        }
    }

    private func purge() async {
        do {
            let assembly = current.withLock { $0 }
            let keys = try await assembly.ring?.purge() ?? 0
            if keys > 0 { logger.info("deleted what was left of \(keys) API key(s) that ended long ago") }
            let sessions = try await assembly.sessions?.purge() ?? 0
            if sessions > 0 { logger.info("deleted \(sessions) session(s) that were over") }
            _ = try await assembly.store?.purgeCheckpoints(
                before: Date(timeIntervalSinceNow: -AuditCheckpoints.memory))
        } catch {
            // It goes on after the next start.
            guard !Task.isCancelled else { return }
            logger.error("what is left of API keys and sessions that are over could not be deleted: \(error)")
        }
    }

    /// Writes what there is.
    func write(isLast: Bool = false) async {
        do {
            let assembly = current.withLock { $0 }
            try await assembly.ring?.writeUses(isLast: isLast)
            try await assembly.sessions?.writeUses(isLast: isLast)
            try await assembly.owners?.writeOwners()
        } catch {
            logger.error("when API keys and sessions were last used, and by whom, could not be stored: \(error)")
        }
    }
}
