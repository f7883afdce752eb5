import APIKeys
import Credentials
import Foundation

/// Which keys of a list somebody wants to see, and how many at a time.
struct KeyFilter {
    /// The most keys on one page.
    static let maximumCount = 1000

    private let label: String?
    private let states: Set<KeyState>
    private let createdAfter: Date?
    private let lastUsedBefore: Date?
    private let count: Int
    private let last: UUID?

    /// Reads the query. Without `state` revoked keys are left out, as zot does.
    init(_ request: AuthRequest) throws(NewAPIKey.Problem) {
        func date(_ name: String) throws(NewAPIKey.Problem) -> Date? {
            guard let text = request.queryValues(name).first else { return nil }
            guard let date = RFC3339.parse(text) else {
                throw .init(
                    message:
                        "\(name) is not a time of RFC 3339, such as 2030-12-31T00:00:00Z; a plus sign is written %2B")
            }
            return date
        }
        label = request.queryValues("label").first
        (createdAfter, lastUsedBefore) = (try date("createdAfter"), try date("lastUsedBefore"))
        var states: Set<KeyState> = []
        for word in request.queryValues("state") {
            if word == "all" {
                states.formUnion(KeyState.allCases)
            } else if let state = KeyState(rawValue: word) {
                states.insert(state)
            } else {
                let words = KeyState.allCases.map(\.rawValue).joined(separator: ", ")
                throw .init(message: "state is one of \(words), all")
            }
        }
        self.states = states.isEmpty ? [.active, .expired, .blocked] : states
        let counts = request.queryValues("n").map { Int($0) ?? 0 }
        guard counts.allSatisfy({ (1...Self.maximumCount).contains($0) }) else {
            throw .init(message: "n is a number from 1 to \(Self.maximumCount)")
        }
        count = counts.first ?? .max
        let ids = request.queryValues("last").map { UUID(uuidString: $0) }
        guard ids.allSatisfy({ $0 != nil }) else { throw .init(message: "last is the uuid of a key") }
        last = ids.first ?? nil
    }

    /// The page that was asked for.
    /// - Parameters:
    ///   - keys: all keys of a list, in order.
    /// - Returns: those of the page, and whether there are more.
    func page(_ keys: [JudgedKey]) -> (keys: [JudgedKey], hasMore: Bool) {
        var rest = keys[...]
        // One that is not there any more ends the list: whoever follows the pages must not go round in circles.
        if let last {
            rest = keys[(keys.firstIndex { $0.record.id == last }.map { $0 + 1 } ?? keys.endIndex)...]
        }
        let wanted = rest.filter { key in
            let record = key.record
            return (label == nil || record.label == label) && states.contains(key.state)
                && createdAfter.map { record.createdAt > $0 } ?? true
                && lastUsedBefore.map { record.lastUse?.date ?? .distantPast < $0 } ?? true
        }
        return (Array(wanted.prefix(count)), wanted.count > count)
    }

    /// The address of the page behind one (RFC 8288). Written anew, and not as it came: a sign that ends an address would end this one.
    static func next(_ request: AuthRequest, behind id: UUID) -> String {
        let others = FormText.decode(request.query).filter { $0.name != "last" }.map { ($0.name, $0.value) }
        return
            "<\(request.path)?\(FormText.encode(others + [("last", id.uuidString.lowercased())]))>; rel=\"next\""
    }
}
