import Credentials
import Foundation

/// Ends blocking calls at their deadline by shutting the socket down under them: the one thing that no call of libldap, and
/// no library for TLS below it, can sit out.
///
/// `@unchecked Sendable`: `watched`, `next`, `lastNumber` and `hasThread` are touched only while `condition` is locked.
final class Watchdog: @unchecked Sendable {
    private struct Watched {
        var socket: ServerSocket
        var deadline: ContinuousClock.Instant
    }

    private let condition = NSCondition()
    private var watched: [Int: Watched] = [:]
    /// When the thread will look again by itself; nil while it waits to be woken.
    private var next: ContinuousClock.Instant?
    private var lastNumber = 0
    private var hasThread = false
    /// How long the thread stays with nothing to watch.
    private static let idleTime = Duration.seconds(30)

    /// Runs something that may block on a socket, which is shut down if it is still running at the deadline.
    func guarding<T>(_ socket: ServerSocket, until deadline: ContinuousClock.Instant, _ body: () -> T) -> T {
        condition.lock()
        lastNumber += 1
        let number = lastNumber
        watched[number] = Watched(socket: socket, deadline: deadline)
        if !hasThread {
            hasThread = true
            startThread()
        } else if next.map({ deadline < $0 }) ?? true {
            condition.signal()
        }
        condition.unlock()
        defer {
            condition.lock()
            watched[number] = nil
            condition.unlock()
        }
        return body()
    }

    private func startThread() {
        let thread = Thread { [self] in
            ThreadName.set("ldap-watch")
            run()
        }
        thread.stackSize = 1 << 18
        thread.start()
    }

    private func run() {
        condition.lock()
        defer { condition.unlock() }
        while true {
            let now = ContinuousClock.now
            for (number, entry) in watched where entry.deadline <= now {
                entry.socket.shutDown()
                watched[number] = nil
            }
            let isIdle = watched.isEmpty
            let wake = watched.values.map(\.deadline).min() ?? now + Self.idleTime
            next = isIdle ? nil : wake
            let isWoken = condition.wait(until: Date(timeIntervalSinceNow: (wake - .now) / .seconds(1)))
            if !isWoken, isIdle, watched.isEmpty { break }
        }
        hasThread = false
    }
}
