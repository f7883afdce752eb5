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
            var nextPurge = ContinuousClock.now
            while !Task.isCancelled {
                // Once cancelled, the last write is the caller's: a cancelled task can't use the store.
                guard (try? await Task.sleep(for: .seconds(5))) != nil else { return }
                await write()
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
