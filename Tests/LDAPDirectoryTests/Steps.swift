import Credentials

/// Takes the steps that a source tells of.
final class Steps: Sendable {
    private let texts = Locked<[String]>([])

    func add(_ text: String) { texts.withLock { $0.append(text) } }

    func count(_ condition: (String) -> Bool) -> Int { texts.withLock { $0.count(where: condition) } }

    var all: [String] { texts.withLock { $0 } }
}
