import Credentials

/// Where in a token's claims something stands: what of zot's expressions (CEL) is a plain claim, and no more.
public struct ClaimPath: Sendable, Hashable {
    private enum Form: Sendable, Hashable {
        case claim([String])
        case issuerAndSubject
        /// The claim of this name or, if there is none, what the names lead to.
        case named(String, [String])
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

    /// Takes any name of a claim, as providers choose them (`https://example.org/groups`), or a path to one.
    /// - Parameter text: the claim of that very name comes first; then the path: `realm_access.roles`, or what ``init(_:)`` takes.
    init(named text: String) {
        if let path = ClaimPath(text), case .claim(let names) = path.form {
            form = .named(text, names)
        } else {
            let names = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            form = .named(text, names.allSatisfy { !$0.isEmpty } ? names : [text])
        }
    }

    /// Whether it is this claim alone.
    func isClaim(_ name: String) -> Bool {
        switch form {
        case .claim(let names): names == [name]
        case .named(let text, let names): text == name || names == [name]
        case .issuerAndSubject: false
        }
    }

    /// Whether it stands in the claim of this name.
    func beginsWith(_ name: String) -> Bool {
        switch form {
        case .claim(let names): names.first == name
        case .named(let text, let names): text == name || names.first == name
        case .issuerAndSubject: false
        }
    }

    /// What stands there.
    /// - Returns: nil for nothing, or null.
    func value(in claims: Claims) -> Claims.Value? {
        switch form {
        case .issuerAndSubject:
            guard let issuer = claims["iss"]?.text, let subject = claims["sub"]?.text else { return nil }
            return .text("\(issuer)/\(subject)")
        case .claim(let names): return Self.value(at: names, in: claims)
        case .named(let name, let names): return claims[name] ?? Self.value(at: names, in: claims)
        }
    }

    private static func value(at names: [String], in claims: Claims) -> Claims.Value? {
        var value: Claims.Value? = .object(claims.values)
        for name in names {
            guard case .object(let members)? = value else { return nil }
            value = members[name]
        }
        return value == .null ? nil : value
    }
}
