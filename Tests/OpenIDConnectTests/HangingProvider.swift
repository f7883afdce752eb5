import Credentials

@testable import OpenIDConnect

/// A provider of which single paths do not answer, until they are well again.
actor HangingProvider: ProviderTransport {
    let scripted = ScriptedProvider()
    private var stuck: Set<String> = []
    private(set) var asked: [String: Int] = [:]
    /// How many are asking at this moment, and the most that did at once.
    private var now = 0
    private(set) var most = 0

    func hang(_ paths: String...) { stuck.formUnion(paths) }
    func recover() { stuck = [] }

    func send(_ request: ProviderRequest) async throws(LoginProblem) -> ProviderAnswer {
        let path = String(request.url.dropFirst(ScriptedProvider.issuer.count))
        asked[path, default: 0] += 1
        now += 1
        most = max(most, now)
        defer { now -= 1 }
        // What hangs does so even if nobody wants the answer any more: the worst of all libraries.
        if stuck.contains(path) { await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in } }
        return try await scripted.send(request)
    }
}
