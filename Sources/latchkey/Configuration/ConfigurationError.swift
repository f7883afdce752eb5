/// What is wrong with a configuration: names the place and what to do.
struct ConfigurationError: Error, CustomStringConvertible {
    /// The file, with line and column where there is a place.
    var place: String
    /// What is wrong there, and what to do.
    var message: String

    /// Whatever a message quotes, the part of an address that says who asks, and with what password, is not told, and neither is a key.
    var description: String {
        MaskedKey.text("\(place): \(message)".replacing(#/:\/\/[^\s'"]*@/#) { _ in "://…@" })
    }
}
