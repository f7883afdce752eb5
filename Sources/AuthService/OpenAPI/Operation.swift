/// What the OpenAPI document says of a row of the table of routes, and what the server holds its query to: it can't be left out of a row.
struct Operation: Sendable {
    /// A word that no other row has: `operationId`.
    let name: String
    /// The operation object without its `operationId`, in YAML (OpenAPI 3.1.0, "Operation Object").
    let text: String
    /// Which parameters its query takes.
    let query: QueryForm

    init(_ name: String, query: QueryForm = .none, _ text: String) {
        self.name = name
        self.query = query
        self.text = query.text.isEmpty ? text : "\(text)\n\(query.text)"
    }
}
