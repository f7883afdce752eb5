import APIKeys
import Htpasswd
import Logging
import ServiceLifecycle

/// Reads the htpasswd file again when it changes.
struct HtpasswdWatch: Service {
    let source: HtpasswdSource

    func run() async throws {
        await cancelWhenGracefulShutdown { await source.watch() }
    }
}

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
struct UseWriter: Service {
    let ring: APIKeyRing
    let owners: OwnerCheck?
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Not at once: it looks through the whole table, and a server that starts has other work.
            var nextPurge = ContinuousClock.now + .seconds(600)
            while !Task.isCancelled {
                // Once cancelled, the last write is the caller's.
                guard (try? await Task.sleep(for: .seconds(5))) != nil else { return }
                // In a task of its own: one that is cancelled in the middle of a write can't use the store.
                await Task { await write() }.value
                guard ContinuousClock.now >= nextPurge else { continue }
                nextPurge = .now + .seconds(3600)
                await purge()
            }
        }
    }

    private func purge() async {
        do {
            let count = try await ring.purge()
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
            try await ring.writeUses(isLast: isLast)
            try await owners?.writeOwners()
        } catch {
            logger.error("when API keys were last used, and by whom, could not be stored: \(error)")
        }
    }
}
