public import HTTPTypes

/// The header fields of a request, in whatever form a server has them.
public protocol RequestFields: Sendable {
    /// The values of a field.
    /// - Parameter name: the field's name; upper and lower case do not differ.
    /// - Returns: one value for each time that the field is there, in order.
    func values(of name: String) -> [String]
}

extension HTTPFields: RequestFields {
    /// The values of a field, in the order in which they came.
    public func values(of name: String) -> [String] {
        HTTPField.Name(name).map { self[values: $0] } ?? []
    }
}
