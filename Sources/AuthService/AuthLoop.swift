import HTTPTypes

import Credentials

/// What an event loop has of its own, so that answering for a known credential meets no other thread: a table of routes and a
/// memory of the last second. Not safe to share.
public final class AuthLoop {
    let memory: LoopMemory
    let table = RouteTable()
    let requests: RequestCounts

    init(_ memory: LoopMemory, _ requests: RequestCounts) {
        self.memory = memory
        self.requests = requests
    }

    /// Counts an answer, for `/metrics`.
    /// - Parameters:
    ///   - response: the answer, as the service gave it.
    ///   - duration: from when its request had come until it goes out.
    public func count(_ response: AuthResponse, after duration: Duration) {
        requests.note(response.route, response.status.code, duration)
    }
}
