import AuthService
import Credentials
import NIOCore
import NIOPosix

/// The service that all listeners of one kind answer with, which a reload puts another one in the place of: without a connection that ends, and
/// without a lock on the way of a request.
final class ServiceSwitch: Sendable {
    private let loops: EventLoopStorage<LoopService>
    private let current: Locked<(service: AuthService, certificates: ClientCertificates?)>
    private let group: any EventLoopGroup

    init(
        _ service: AuthService, certificates: ClientCertificates? = nil,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        let current = Locked((service: service, certificates: certificates))
        (self.current, self.group) = (current, group)
        loops = EventLoopStorage(group) {
            let (service, certificates) = current.withLock { $0 }
            return LoopService(service, certificates: certificates)
        }
    }

    /// What the calling event loop answers with.
    func service(on loop: any EventLoop) -> LoopService { loops.value(on: loop) }

    /// Has another event loop close a connection that it has been waiting for, where the calling one has none.
    /// - Parameters:
    ///   - loop: the calling event loop.
    ///   - onRoom: told when one was closed; called on that event loop.
    func makeRoom(elsewhereThan loop: any EventLoop, onRoom: @escaping @Sendable () -> Void) {
        makeRoom(on: group.makeIterator().filter { $0 !== loop }.shuffled()[...], onRoom)
    }

    private func makeRoom(on others: ArraySlice<any EventLoop>, _ onRoom: @escaping @Sendable () -> Void) {
        guard let loop = others.first else { return }
        loop.execute { [self] in
            if service(on: loop).connections.makeRoom() { onRoom() } else { makeRoom(on: others.dropFirst(), onRoom) }
        }
    }

    /// Puts another service in the place of the one of before. Each event loop turns to it when it comes to that, within its current turn.
    func replace(_ service: AuthService, certificates: ClientCertificates? = nil) {
        current.withLock { $0 = (service, certificates) }
        for loop in group.makeIterator() {
            loop.execute { [self] in
                // One that comes to it late still takes the latest.
                let (service, certificates) = current.withLock { $0 }
                loops.value(on: loop).replace(service, certificates: certificates)
            }
        }
    }
}
