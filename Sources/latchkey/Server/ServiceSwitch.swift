import AuthService
import Credentials
import NIOCore
import NIOPosix

/// The service that all listeners of one kind answer with, which a reload puts another one in the place of: without a connection that ends, and
/// without a lock on the way of a request.
final class ServiceSwitch: Sendable {
    private let loops: EventLoopStorage<LoopService>
    private let current: Locked<AuthService>
    private let group: any EventLoopGroup

    init(_ service: AuthService, on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton) {
        let current = Locked(service)
        (self.current, self.group) = (current, group)
        loops = EventLoopStorage(group) { LoopService(current.withLock { $0 }) }
    }

    /// What the calling event loop answers with.
    func service(on loop: any EventLoop) -> LoopService { loops.value(on: loop) }

    /// Puts another service in the place of the one of before. Each event loop turns to it when it comes to that, within its current turn.
    func replace(_ service: AuthService) {
        current.withLock { $0 = service }
        for loop in group.makeIterator() {
            // One that comes to it late still takes the latest.
            loop.execute { [self] in loops.value(on: loop).replace(current.withLock { $0 }) }
        }
    }
}
