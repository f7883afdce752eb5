import NIOCore
import NIOPosix
import ServiceLifecycle

/// Tells systemd that the server is alive, as long as each event loop takes its turn: one that hangs answers nobody, and is worth a restart.
struct Watchdog: Service {
    let manager: ServiceManager
    let interval: Duration

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Twice in the time that systemd waits, as sd_watchdog_enabled(3) advises.
            while (try? await Task.sleep(for: interval / 2)) != nil {
                for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
                    // If one never comes to it, nothing is told.
                    try? await loop.submit {}.get()
                }
                manager.tell(.alive)
            }
        }
    }
}
