public import HTTPTypes

/// The header fields of a request, in whatever form a server has them.
public protocol RequestFields: Sendable {
    /// The values of a field.
    /// - Parameter name: the field's name; upper and lower case do not differ.
    /// - Returns: one value for each time that the field is there, in order.
    func values(of name: String) -> [String]

    /// The value of a field that should be there once at most.
    /// - Parameter name: the field's name; upper and lower case do not differ.
    func value(of name: String) -> RequestField

    /// Calls a closure with the name of each field, once for each time that it is there.
    func forEachName(_ body: (String) -> Void)
}

/// A field that should be there once at most.
public enum RequestField: Sendable, Hashable {
    /// It is not there.
    case absent
    /// It is there once.
    case single(String)
    /// It is there more than once.
    case repeated
}

extension RequestFields {
    /// Counts the values.
    public func value(of name: String) -> RequestField {
        let values = values(of: name)
        return values.count > 1 ? .repeated : values.first.map { .single($0) } ?? .absent
    }
}

extension HTTPFields: RequestFields {
    /// The values of a field, in the order in which they came.
    public func values(of name: String) -> [String] {
        HTTPField.Name(name).map { self[values: $0] } ?? []
    }

    /// Calls a closure with the name of each field, as it came.
    public func forEachName(_ body: (String) -> Void) {
        for field in self { body(field.name.rawName) }
    }
}
