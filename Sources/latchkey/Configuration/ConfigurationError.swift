/// What is wrong with a configuration: names the place and what to do.
struct ConfigurationError: Error, CustomStringConvertible {
    /// The file, with line and column where there is a place.
    var place: String
    /// What is wrong there, and what to do.
    var message: String

    var description: String { "\(place): \(message)" }
}
