/// What the OpenAPI document says of a row of the table of routes: it can't be left out of a row.
struct Operation: Sendable {
    /// A word that no other row has: `operationId`.
    let name: String
    /// The operation object without its `operationId`, in YAML (OpenAPI 3.1.0, "Operation Object").
    let text: String

    init(_ name: String, _ text: String) {
        self.name = name
        self.text = text
    }
}
