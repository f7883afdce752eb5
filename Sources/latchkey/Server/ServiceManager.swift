import Foundation

/// Tells systemd how the server is doing (sd_notify(3)); without systemd, nobody.
struct ServiceManager: Sendable {
    /// What is told.
    enum Message: Sendable {
        /// All listeners are there, and what is in force is the configuration of now.
        case ready
        case reloading
        case stopping
        /// The event loops turn.
        case alive

        fileprivate var text: String {
            switch self {
            case .ready: "READY=1\nSTATUS=Answering"
            case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(Self.now)\nSTATUS=Reading the configuration"
            case .stopping: "STOPPING=1\nSTATUS=Answering what was asked"
            case .alive: "WATCHDOG=1"
            }
        }

        /// CLOCK_MONOTONIC in microseconds, as systemd compares it.
        private static var now: Int64 {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
        }
    }

    /// How often it wants to hear that the server is alive; nil for never.
    let watchdogInterval: Duration?
    private let path: String?

    /// - Parameter environment: what systemd has said.
    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        path = environment["NOTIFY_SOCKET"]
        // Another process may be meant, from which this one has inherited the variables.
        let isMeant = environment["WATCHDOG_PID"].map { Int32($0) == getpid() } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) }
        watchdogInterval = microseconds.flatMap { isMeant && $0 > 0 ? .microseconds($0) : nil }
    }

    /// Tells it. Does not wait: a manager that does not listen misses it.
    func tell(_ message: Message) {
        guard let path, let socket = UnixDatagramSocket(connectedTo: path) else { return }
        _ = socket.send(Array(message.text.utf8)[...], waits: false)
    }
}
