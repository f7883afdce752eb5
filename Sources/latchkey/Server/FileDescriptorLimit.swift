import Foundation

/// How many connections the system lets this process hold.
enum FileDescriptorLimit {
    /// Raises the limit to what this user may have: the usual 1,024 are used up by a thousand idle clients.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// How many files and connections it may have open, once ``raise()`` has been called: asked for at each connection, and so looked up once.
    static let current: Int = {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        return Int(clamping: limit.rlim_cur)
    }()
}
