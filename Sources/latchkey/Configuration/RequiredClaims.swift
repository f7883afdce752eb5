import OpenIDConnect

/// Reads who of a provider's people, or of an issuer's programs, may come in at all: `requiredClaims`, `organizations`, `anybody`.
struct RequiredClaims {
    let section: ConfigurationSection

    /// The values that count, by the name of a claim or the path to it.
    func read() throws(ConfigurationError) -> [String: [ClaimValue]] {
        guard let claims = try section.section("requiredClaims") else { return [:] }
        var required: [String: [ClaimValue]] = [:]
        for name in claims.keys {
            let values = try claims.typedValues(name).map { value -> ClaimValue in
                switch value {
                case .text(let text): .text(text)
                case .number(let number): .number(number)
                case .bool(let bool): .bool(bool)
                }
            }
            guard !values.isEmpty else {
                throw claims.error(name, "must be a text, true, false or a number, or a list of them")
            }
            required[name] = values
        }
        return required
    }

    /// Refuses to let in the whole world without a word of the operator's.
    /// - Parameters:
    ///   - who: who would come in, for the message.
    ///   - remedy: the keys that say who may, such as `requiredClaims`.
    ///   - isLimited: whether somebody is kept out.
    func check(who: String, remedy: String, isLimited: Bool) throws(ConfigurationError) {
        guard try section.bool("anybody") != true, !isLimited else { return }
        throw section.error("anybody", "is missing: \(who). Name those who may by \(remedy), or say anybody: true")
    }
}
