import HTTPTypes

/// A page, with what keeps it from being misused: no script but ours, no frame around it, no copy of it anywhere.
struct Page {
    let name: PageTemplates.Name
    var status = HTTPResponse.Status.ok
    /// The word of its title.
    let title: String
    var values: [String: Any] = [:]

    /// Whether it has the script: a page that takes passwords has none.
    private var hasScript: Bool { name == .account || name == .people }

    /// Scripts within the page, frames and everything that is not named are off.
    private var policy: String {
        let script = hasScript ? "script-src 'self'; connect-src 'self'; " : ""
        return
            "default-src 'none'; \(script)style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    }

    /// The answer, in the language that the browser wants.
    func response(to request: AuthRequest, realm: String) -> AuthResponse {
        let language = PageWords.language(request.field("Accept-Language"))
        var values = values
        values["words"] = language.words
        values["language"] = language.tag
        values["title"] = language.words[title] ?? title
        values["realm"] = realm
        values["kind"] = name.rawValue
        values["style"] = PageStyle.path
        if hasScript { values["script"] = PageScript.path }
        if let message = values["message"] as? String { values["message"] = language.words[message] ?? message }
        guard let text = PageTemplates.render(name, values) else { return .unavailable() }
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .vary: "Accept-Language, Cookie",
        ]
        headers[.contentSecurityPolicy] = policy
        headers[.xContentTypeOptions] = "nosniff"
        // Not no-referrer: browsers would hide from us that our own form was sent by our own page.
        headers[FieldNames.referrerPolicy] = "same-origin"
        return AuthResponse(status, headers: headers, body: Array(text.utf8))
    }
}
