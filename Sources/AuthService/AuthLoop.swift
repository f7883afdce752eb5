import Credentials

/// What an event loop has of its own, so that answering for a known credential meets no other thread: a table of routes and a
/// memory of the last second. Not safe to share.
public final class AuthLoop {
    let memory: LoopMemory
    let table = RouteTable()

    init(_ memory: LoopMemory) {
        self.memory = memory
    }
}
