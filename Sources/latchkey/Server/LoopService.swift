import AuthService

/// What one event loop answers with: the service of now, and what the loop has of its own for it. Touched by that loop alone.
final class LoopService {
    private(set) var service: AuthService
    private(set) var loop: AuthLoop

    init(_ service: AuthService) {
        self.service = service
        loop = service.newLoop()
    }

    /// Answers with another service from the next request on.
    func replace(_ service: AuthService) {
        self.service = service
        loop = service.newLoop()
    }
}
