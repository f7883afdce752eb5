import APIKeys
import Credentials

/// Look-ups of keys by their digests. Those that wait at the same time are asked for by one statement: a node that has just started, and knows no
/// key yet, would else send the database a statement for each request.
///
/// Some of them lead, each with one statement at a time; whoever comes meanwhile waits, and goes with the next. A look-up never joins a
/// statement that was sent before it began: it would be told of a time before a revocation that its caller knows of. Safe to share.
final class APIKeyLookups: Sendable {
    /// What comes of waiting.
    private enum Turn: Sendable {
        case found(APIKeyRecord?)
        case failed(SourceFailure)
        /// Nobody else does it: the one who has waited sends the next statement.
        case lead
    }

    private struct Waiting: Sendable {
        let digest: APIKeyDigest
        let continuation: CheckedContinuation<Turn, Never>
    }

    private struct State {
        var leaders = 0
        var waiting: ArraySlice<Waiting> = []
    }

    /// How many keys one statement asks for.
    private static let batch = 64

    private let state = Locked(State())
    private let maximumLeaders: Int
    private let maximumWaiting: Int

    /// - Parameters:
    ///   - leaders: how many statements are under way at once, at most.
    ///   - waiting: how many look-ups wait for one, at most.
    init(leaders: Int, waiting: Int) {
        (maximumLeaders, maximumWaiting) = (max(1, leaders), waiting)
    }

    /// Finds a key.
    /// - Parameters:
    ///   - digest: the key's.
    ///   - ask: sends one statement for several keys, and returns what became of each, in their order.
    /// - Returns: the key, or nil if there is none.
    /// - Throws: `SourceFailure`: what the statement came to, or that too many wait.
    func find(
        _ digest: APIKeyDigest,
        asking ask: ([APIKeyDigest]) async throws(SourceFailure) -> [APIKeyRecord?]
    ) async throws(SourceFailure) -> APIKeyRecord? {
        switch await turn(digest) {
        case .found(let record): return record
        case .failed(let failure): throw failure
        case .lead: break
        }
        let others = state.withLock { state in
            defer { state.waiting = state.waiting.dropFirst(Self.batch - 1) }
            return state.waiting.prefix(Self.batch - 1)
        }
        defer { handOn() }
        do throws(SourceFailure) {
            let records = try await ask([digest] + others.map(\.digest))
            // Whatever came, nobody is left waiting.
            for (place, other) in others.enumerated() {
                other.continuation.resume(returning: .found(place + 1 < records.count ? records[place + 1] : nil))
            }
            return records.first ?? nil
        } catch {
            for other in others { other.continuation.resume(returning: .failed(error)) }
            throw error
        }
    }

    /// Waits until there is an answer, or it is this one's turn to ask.
    private func turn(_ digest: APIKeyDigest) async -> Turn {
        await withCheckedContinuation { continuation in
            let turn: Turn? = state.withLock { state in
                if state.leaders < maximumLeaders {
                    state.leaders += 1
                    return .lead
                }
                guard state.waiting.count < maximumWaiting else {
                    return .failed(SourceFailure(.overloaded, detail: "too many look-ups wait for PostgreSQL"))
                }
                state.waiting.append(Waiting(digest: digest, continuation: continuation))
                return nil
            }
            if let turn { continuation.resume(returning: turn) }
        }
    }

    /// Lets the one who has waited longest lead.
    private func handOn() {
        let next = state.withLock { state in
            let next = state.waiting.popFirst()
            if next == nil { state.leaders -= 1 }
            return next
        }
        next?.continuation.resume(returning: .lead)
    }
}
