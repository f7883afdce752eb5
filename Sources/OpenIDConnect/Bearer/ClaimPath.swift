/// Where in a token's claims something stands: what of zot's expressions (CEL) is a plain claim, and no more.
public struct ClaimPath: Sendable, Hashable {
    private enum Form: Sendable, Hashable {
        case claim([String])
        case issuerAndSubject
    }

    private let form: Form

    /// Issuer and subject with a slash between them: zot's usual user name, which no other issuer can give.
    public static let issuerAndSubject = ClaimPath(form: .issuerAndSubject)

    private init(form: Form) { self.form = form }

    /// Reads an expression.
    /// - Parameter expression: `claims.NAME`, with further names behind dots for objects in objects; `claims['NAME']` for names with
    ///   other characters; a name alone; or zot's own `claims.iss + '/' + claims.sub`.
    /// - Returns: nil for anything that takes more than looking a claim up.
    public init?(_ expression: String) {
        let text = expression.filter { !$0.isWhitespace }.replacing("\"", with: "'")
        if text == "claims.iss+'/'+claims.sub" {
            form = .issuerAndSubject
            return
        }
        guard !expression.contains(where: \.isWhitespace) else { return nil }
        if let name = text.wholeMatch(of: #/[A-Za-z_][A-Za-z0-9_]*/#)?.output, name != "claims" {
            form = .claim([String(name)])
            return
        }
        guard text.utf8.count <= 512,
            text.wholeMatch(of: #/claims(?:\.[A-Za-z_][A-Za-z0-9_]*|\['[^'\\\]]+'\])+/#) != nil
        else { return nil }
        form = .claim(
            text.matches(of: #/\.([A-Za-z_][A-Za-z0-9_]*)|\['([^']+)'\]/#).map {
                String($0.output.1 ?? $0.output.2 ?? "")
            })
    }

    /// Whether it is this claim alone.
    func isClaim(_ name: String) -> Bool { form == .claim([name]) }

    /// What stands there.
    /// - Returns: nil for nothing, or null.
    func value(in claims: Claims) -> Claims.Value? {
        switch form {
        case .issuerAndSubject:
            guard let issuer = claims["iss"]?.text, let subject = claims["sub"]?.text else { return nil }
            return .text("\(issuer)/\(subject)")
        case .claim(let names):
            var value: Claims.Value? = .object(claims.values)
            for name in names {
                guard case .object(let members)? = value else { return nil }
                value = members[name]
            }
            return value == .null ? nil : value
        }
    }
}
