/// A question that is asked once for all who want its answer at the same time.
///
/// It ends in its own time, whatever becomes of it, so that it keeps nobody who asks later; and each who waits does so no longer than that.
struct SharedQuestion<Value: Sendable>: Sendable {
    /// How many wait for an answer at most: each holds a request of a browser.
    private static var maximumWaiting: Int { 512 }

    private let limit: Duration
    private var asking: Task<Result<Value, LoginProblem>, Never>?
    private var begun = ContinuousClock.now
    /// Tells it from those that were asked before.
    private var number = 0
    private let waiting = WaitingCount()

    /// - Parameter limit: how long it may take, and how long anybody waits for it.
    init(limit: Duration) { self.limit = limit }

    /// Whether it is asked right now. One whose time is over keeps nobody from asking again, even if it has not noticed that itself.
    var isUnderWay: Bool { asking != nil && ContinuousClock.now - begun < limit }

    /// Asks it.
    /// - Parameters:
    ///   - ask: asks.
    ///   - note: is told what came of which question, before those who wait are.
    mutating func begin(
        _ ask: @escaping @Sendable () async throws(LoginProblem) -> Value,
        noting note: @escaping @Sendable (Result<Value, LoginProblem>, _ number: Int) async -> Void
    ) {
        number += 1
        begun = .now
        let (limit, number) = (limit, number)
        asking = Task {
            let result = await TimeLimit.wait(limit) { await Self.result(ask) } ?? .failure(Self.late(limit))
            await note(result, number)
            return result
        }
    }

    /// Notes that a question is answered: the next who wants to know asks anew.
    mutating func end(_ number: Int) {
        if number == self.number { asking = nil }
    }

    /// Waits for the answer of the question that is under way.
    /// - Throws: ``LoginProblem`` if there is none in time, or too many wait for it already.
    func answer() async throws(LoginProblem) -> Value {
        guard let asking else { throw .unreachable("it was asked by nobody") }
        guard waiting.enter(upTo: Self.maximumWaiting) else {
            throw .unreachable("too many wait for its answer already")
        }
        defer { waiting.leave() }
        let result = await TimeLimit.wait(limit) { await asking.value } ?? .failure(Self.late(limit))
        return try result.get()
    }

    private static func late(_ limit: Duration) -> LoginProblem {
        .unreachable("no whole answer came within \(limit.components.seconds) s")
    }

    private static func result(
        _ ask: @Sendable () async throws(LoginProblem) -> Value
    ) async -> Result<Value, LoginProblem> {
        do throws(LoginProblem) {
            return .success(try await ask())
        } catch {
            return .failure(error)
        }
    }
}
