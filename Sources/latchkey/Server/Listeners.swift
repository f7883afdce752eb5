import ServiceLifecycle

/// All places where the server listens. Which they are may change while it runs.
actor Listeners: Service {
    private var running: [Listener.Identity: RunningListener] = [:]
    /// Those that are not wanted any more, and still answer.
    private var leaving: [RunningListener] = []
    private let first: [Listener]
    private let manager: ServiceManager

    init(_ first: [Listener], _ manager: ServiceManager) { (self.first, self.manager) = (first, manager) }

    /// Listens where it is wanted, and nowhere else. Those that are there already go on; new ones listen before old ones stop.
    /// - Throws: what kept a new one from listening. All is as before then.
    func replace(with wanted: [Listener]) async throws {
        var new: [Listener.Identity: RunningListener] = [:]
        do {
            for listener in wanted where running[listener.identity] == nil {
                new[listener.identity] = try await listener.start()
            }
        } catch {
            for listener in new.values { listener.stop() }
            throw error
        }
        let kept = Set(wanted.map(\.identity))
        for (identity, listener) in running where !kept.contains(identity) {
            listener.stop()
            leaving.append(listener)
            running[identity] = nil
        }
        running.merge(new) { $1 }
    }

    /// Serves until a graceful shutdown.
    /// - Throws: what kept the first ones from listening.
    func run() async throws {
        try await replace(with: first)
        manager.tell(.ready)
        try? await gracefulShutdown()
        manager.tell(.stopping)
        let all = running.values + leaving
        for listener in running.values { listener.stop() }
        for listener in all { try await listener.waitForEnd() }
    }
}
