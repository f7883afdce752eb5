import Credentials

/// What a provider says of one person in two answers: the signed ID token, and userinfo.
enum PersonClaims {
    /// Claims of which one says something of the other: they are taken from one answer (OpenID Connect Core 1.0, 5.1).
    private static let pairs = [("email", "email_verified"), ("phone_number", "phone_number_verified")]

    /// Whether the ID token leaves open whether its address is verified, which userinfo may say.
    static func lacksVerification(_ token: Claims) -> Bool { token["email_verified"] == nil }

    /// Puts the two together. The signed word counts; what it does not say, userinfo says.
    /// - Parameters:
    ///   - token: what the ID token says.
    ///   - more: what userinfo says of the same person.
    static func merged(_ token: Claims, _ more: Claims) -> Claims {
        var values = token.values.merging(more.values) { own, other in own == .null ? other : own }
        for (claim, verified) in pairs {
            let pair: (Claims.Value?, Claims.Value?)
            if let own = token[claim] {
                // The same address at userinfo, with its own mark, is the same word of the same provider.
                let mark = token[verified] ?? (isSame(own, more[claim]) ? more[verified] : nil)
                pair = (own, mark)
            } else {
                pair = (more[claim], more[verified])
            }
            (values[claim], values[verified]) = pair
        }
        return Claims(values)
    }

    private static func isSame(_ value: Claims.Value, _ other: Claims.Value?) -> Bool {
        guard case .text(let one) = value, case .text(let two)? = other else { return false }
        return one.utf8.elementsEqual(two.utf8)
    }
}
