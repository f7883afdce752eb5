import ServiceLifecycle

/// Ends questions to providers while the server stops: one that does not answer must not keep it.
struct ProviderEnd: Service {
    /// How long those who come back from a login may still take.
    private static let grace = Duration.seconds(2)

    let providers: ProviderClient

    func run() async throws {
        try? await gracefulShutdown()
        // Not here: the next service is told to stop when this one has ended.
        Task { [providers] in
            try? await Task.sleep(for: Self.grace)
            await providers.shutdown()
        }
    }
}
