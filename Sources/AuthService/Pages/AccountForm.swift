import Credentials
import Foundation

/// What the forms of the account page and of the administrators' page send.
struct AccountForm {
    /// What somebody wants.
    enum Action: Sendable {
        /// A new key, as the body of a request to create one.
        case create([UInt8])
        case rotate(UUID)
        case revoke(UUID)
        case endSession(UUID)
        case endOthers
        case revokeAll
        case endAll

        /// Whether it takes a login of a short while ago on the account page. On the administrators' page each does.
        var needsFreshLogin: Bool {
            switch self {
            case .create, .rotate, .revoke, .revokeAll: true
            case .endSession, .endOthers, .endAll: false
            }
        }
    }

    /// The longest body, in bytes.
    static let maximumLength = 16_384

    let token: String
    /// Whose keys and sessions it is about, on the administrators' page; empty on the other.
    let user: String
    /// Nil for a form that no page of ours sends.
    let action: Action?

    private struct NewKey: Encodable {
        var label: String
        var scopes: [String]
        var expirationDate: String
    }

    /// Reads it.
    init(_ body: [UInt8], at now: Date) {
        let fields = FormFields(body)
        func one(_ name: String) -> String { fields.one(name) ?? "" }
        token = one("token")
        user = one("user")
        let id = UUID(uuidString: one("id"))
        switch one("action") {
        case "create":
            // An answer that names neither is no yes to a key that may everything for ever.
            guard let end = Self.end(one("days"), at: now), let scopes = Self.scopes(one("access"), one("scopes"))
            else {
                action = nil
                return
            }
            let key = NewKey(
                label: one("label").trimmingCharacters(in: .whitespacesAndNewlines), scopes: scopes, expirationDate: end
            )
            action = (try? JSONEncoder().encode(key)).map { .create(Array($0)) }
        case "rotate": action = id.map { .rotate($0) }
        case "revoke": action = id.map { .revoke($0) }
        case "end": action = id.map { .endSession($0) }
        case "end-others": action = .endOthers
        case "revoke-all": action = .revokeAll
        case "end-all": action = .endAll
        default: action = nil
        }
    }

    private static func end(_ days: String, at now: Date) -> String? {
        if days == "never" { return "never" }
        guard let count = Int(days), (1...3660).contains(count) else { return nil }
        return RFC3339.format(now.addingTimeInterval(Double(count) * 86_400))
    }

    private static func scopes(_ access: String, _ text: String) -> [String]? {
        switch access {
        case "everything": []
        case "some":
            // One a line; none at all would be everything.
            text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }.filter {
                !$0.isEmpty
            }
            .nilIfEmpty
        default: nil
        }
    }
}

extension Array {
    fileprivate var nilIfEmpty: Self? { isEmpty ? nil : self }
}
