/// One parameter of a route's query.
struct QueryParameter: Sendable {
    let name: String
    /// What the OpenAPI document says of it; nil for nothing.
    let description: String?
    /// Its schema in the OpenAPI document, in YAML's flow form.
    let schema: String
    var isRequired = false
    /// Whether it may stand several times.
    var mayRepeat = false
    /// Whether it may have no value.
    var mayBeEmpty = true
    /// Whether the OpenAPI document lists it.
    var isListed = true
    /// Whether all that follows is its value, as it stands, with nothing of it decoded: an address that somebody else has written.
    var takesRest = false

    init(
        _ name: String, _ description: String? = nil, schema: String = "{ type: string }", isRequired: Bool = false,
        mayRepeat: Bool = false, mayBeEmpty: Bool = true, isListed: Bool = true, takesRest: Bool = false
    ) {
        (self.name, self.description, self.schema) = (name, description, schema)
        (self.isRequired, self.mayRepeat, self.mayBeEmpty) = (isRequired, mayRepeat, mayBeEmpty)
        (self.isListed, self.takesRest) = (isListed, takesRest)
    }

    /// Whose keys or sessions: for administrators.
    static let user = QueryParameter(
        "user", "For administrators, whose keys or sessions; for a new key, the service account that it is for.",
        schema: "{ type: string, minLength: 1 }", mayBeEmpty: false)

    /// `true` in the place of an id. OpenAPI has no words for "the one or the other": the description of `id` says it.
    static let all = QueryParameter("all", isListed: false)

    /// Set by the server itself, which has led a browser to its own name.
    static let led = QueryParameter("led", "Set by the server, where it leads a browser to its own name.")

    /// The parameter object of OpenAPI 3.1, as an item of a list.
    var text: String {
        var lines = ["- name: \(name)", "  in: query"]
        if isRequired { lines.append("  required: true") }
        if let description { lines.append("  description: '\(description.replacing("'", with: "''"))'") }
        return (lines + ["  schema: \(schema)"]).joined(separator: "\n")
    }
}
