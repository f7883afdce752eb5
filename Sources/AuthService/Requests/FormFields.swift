import Credentials

/// The fields of a form that a page of ours sends.
struct FormFields {
    private let fields: [(name: String, value: String)]

    /// Reads a body; what is no UTF-8 has none.
    init(_ body: [UInt8]) {
        fields = String(validating: body, as: UTF8.self).map { FormText.decode($0[...]) } ?? []
    }

    /// The value of a field. One that stands twice is none: which of them somebody has typed would be a guess.
    func one(_ name: String) -> String? {
        let values = fields.filter { $0.name == name }
        return values.count == 1 ? values[0].value : nil
    }
}
