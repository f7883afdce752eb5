import AuthService

/// What one event loop answers with: the service of now, and what the loop has of its own for it. Touched by that loop alone.
final class LoopService {
    private(set) var service: AuthService
    private(set) var loop: AuthLoop
    /// Says whose certificate a client shows; nil where none is asked for.
    private(set) var certificates: ClientCertificates?
    /// The connections of clients that it answers.
    let connections = LoopConnections()
    /// How often another service has come: what was found out with the one of before may not hold any more.
    private(set) var generation = 0

    init(_ service: AuthService, certificates: ClientCertificates? = nil) {
        self.service = service
        self.certificates = certificates
        loop = service.newLoop()
    }

    /// Answers with another service from the next request on.
    func replace(_ service: AuthService, certificates: ClientCertificates?) {
        self.service = service
        self.certificates = certificates
        loop = service.newLoop(after: loop)
        generation += 1
    }
}
