import Credentials
import Foundation
import Logging

/// Hears on a connection and a thread of its own what other nodes do.
///
/// It asks the server for a sign of life some times a second: when none comes, what is remembered is trusted for one second after the last one
/// was asked for, and then not until a connection listens again, but for the grace where the database itself is away. What was missed meanwhile nobody
/// knows: then everything is void.
final class ChangeListener: Sendable {
    /// How long memory is trusted after a sign of life was asked for that came.
    static let trustTime = Duration.seconds(1)
    private static let channel = StoreChange.channel

    let trust: MemoryTrust
    private let options: PostgreSQLOptions
    private let node: String
    private let logger: Logger?
    private let isStopped = Locked(false)

    init(_ options: PostgreSQLOptions, node: String, logger: Logger?) {
        self.node = node
        var options = options
        // The time of a failure that is found out must lie within the second.
        options.statementTimeout = min(options.statementTimeout, .milliseconds(700))
        options.connectTimeout = min(options.connectTimeout, .seconds(2))
        if let place = options.listenConnection { options.connection = place }
        (self.options, self.logger) = (options, logger)
        trust = MemoryTrust(grace: options.grace)
    }

    func start(_ handler: @escaping @Sendable (StoreChange) -> Void) {
        let thread = Thread { [self] in
            ThreadName.set("store-listen")
            listen(handler)
        }
        thread.start()
        let watch = Thread { [self] in
            ThreadName.set("store-trust")
            watchTrust()
        }
        watch.start()
    }

    /// Sees to it that what event loops know for a second ends with the trust. A thread of its own: the other one may wait for a connection.
    private func watchTrust() {
        var wasGood = false
        while !isStopped.withLock({ $0 }) {
            let isGood = trust.isGood(at: .now)
            if wasGood, !isGood { Invalidation.note() }
            wasGood = isGood
            Thread.sleep(forTimeInterval: 0.05)
        }
    }

    func stop() { isStopped.withLock { $0 = true } }

    private func listen(_ handler: (StoreChange) -> Void) {
        var pause = 0.05
        var isKnown = false
        while !isStopped.withLock({ $0 }) {
            do throws(PostgreSQLError) {
                try hear(handler) { isKnown = false }
            } catch {
                guard !isStopped.withLock({ $0 }) else { return }
                // A server that answers, whatever it says, is not away: then others can be heard by asking it.
                if error.isOutage {
                    trust.noteOutage(until: .now + options.connectTimeout + .seconds(1))
                }
                if !isKnown { logger?.error("what other nodes do can't be heard: \(error.message)") }
                isKnown = true
            }
            Thread.sleep(forTimeInterval: pause)
            pause = isKnown ? min(pause * 1.5, 0.5) : 0.05
        }
    }

    private func hear(_ handler: (StoreChange) -> Void, _ isHeard: () -> Void) throws(PostgreSQLError) {
        var begun = ContinuousClock.now
        let connection = try PostgreSQLConnection.open(options)
        _ = try connection.run("LISTEN \(Self.channel)", until: .now + options.statementTimeout)
        // What happened while nobody listened.
        handler(.everything)
        trust.noteHeard(at: begun, trustedFor: Self.trustTime)
        isHeard()
        logger?.info("hears what other nodes do")
        while !isStopped.withLock({ $0 }) {
            for payload in try connection.notifications(until: .now + options.heartbeat) {
                if let change = StoreChange(payload: payload, node: node) { handler(change) }
            }
            begun = .now
            _ = try connection.run("SELECT 1", until: begun + options.statementTimeout)
            // What came with the answer was told before it.
            for payload in try connection.notifications(until: .now) {
                if let change = StoreChange(payload: payload, node: node) { handler(change) }
            }
            trust.noteHeard(at: begun, trustedFor: Self.trustTime)
        }
    }
}
