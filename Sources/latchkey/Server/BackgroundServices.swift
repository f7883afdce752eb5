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

/// Writes the uses of API keys, and what sources have said of their owners, behind, in batches.
struct UseWriter: Service {
    let ring: APIKeyRing
    let owners: OwnerCheck?
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // Once cancelled, the last write is the caller's: a cancelled task can't use the store.
                guard (try? await Task.sleep(for: .seconds(5))) != nil else { return }
                await write()
            }
        }
    }

    /// Writes what there is.
    func write() async {
        do {
            try await ring.writeUses()
            try await owners?.writeOwners()
        } catch {
            logger.error("when API keys were last used, and by whom, could not be stored: \(error)")
        }
    }
}
