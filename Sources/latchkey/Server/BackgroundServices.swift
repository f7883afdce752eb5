import APIKeys
import Credentials
import Logging
import ServiceLifecycle

/// Has the audit file signed every minute, so that lines that are missing at its end show too.
struct AuditCheckpoints: Service {
    let writer: LineWriter

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: .seconds(60))) != nil { writer.write(AuditChain.checkpoint) }
        }
    }
}

/// Writes the uses of API keys, and what sources have said of their owners, behind, in batches; deletes what is left of keys that ended
/// long ago.
final class UseWriter: Service {
    /// How long uses wait at most for others to be written with.
    private static let interval = Duration.seconds(5)
    /// How many more keys with such uses make it write earlier: each takes memory.
    private static let enough = 2048

    private let current: Locked<(ring: APIKeyRing, owners: OwnerCheck?)>
    private let logger: Logger

    init(_ ring: APIKeyRing, owners: OwnerCheck?, logger: Logger) {
        current = Locked((ring, owners))
        self.logger = logger
    }

    /// Writes for another ring from now on; what the one of before has noted is written first.
    func replace(_ ring: APIKeyRing, owners: OwnerCheck?) async {
        let old = current.withLock { $0 }
        guard old.ring !== ring || old.owners !== owners else { return }
        await write(isLast: true)
        current.withLock { $0 = (ring, owners) }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            // Not at once: it looks through the whole table, and a server that starts has other work.
            var nextPurge = ContinuousClock.now + .seconds(600)
            var (lastWrite, left) = (ContinuousClock.now, 0)
            while !Task.isCancelled {
                // Once cancelled, the last write is the caller's.
                guard (try? await Task.sleep(for: .milliseconds(500))) != nil else { return }
                let unwritten = current.withLock { $0.ring.unwrittenUses }
                guard .now - lastWrite >= Self.interval || unwritten - left >= Self.enough else { continue }
                // In a task of its own: one that is cancelled in the middle of a write can't use the store.
                await Task { [self] in await write() }.value
                (lastWrite, left) = (.now, current.withLock { $0.ring.unwrittenUses })
                guard ContinuousClock.now >= nextPurge else { continue }
                nextPurge = .now + .seconds(3600)
                await purge()
            }
        }
    }

    private func purge() async {
        do {
            let count = try await current.withLock { $0.ring }.purge()
            if count > 0 { logger.info("deleted what was left of \(count) API key(s) that ended long ago") }
        } catch {
            // It goes on after the next start.
            guard !Task.isCancelled else { return }
            logger.error("what is left of API keys that ended long ago could not be deleted: \(error)")
        }
    }

    /// Writes what there is.
    func write(isLast: Bool = false) async {
        do {
            let (ring, owners) = current.withLock { $0 }
            try await ring.writeUses(isLast: isLast)
            try await owners?.writeOwners()
        } catch {
            logger.error("when API keys were last used, and by whom, could not be stored: \(error)")
        }
    }
}
