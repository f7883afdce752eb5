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
        // Whatever else it answers, a query that it does not take is 400.
        let isToldOf = query.judge != .table || text.contains("'400':")
        let whole =
            isToldOf
            ? text
            : text.replacing(
                "responses:\n", with: "responses:\n  '400': { $ref: '#/components/responses/BadRequest' }\n",
                maxReplacements: 1)
        self.text = query.text.isEmpty ? whole : "\(whole)\n\(query.text)"
    }
}
