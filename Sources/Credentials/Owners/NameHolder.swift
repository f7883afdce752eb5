/// Something that has user names, though it knows no people: service accounts, names of certificates.
///
/// There is one space of names: policies name users, and what is granted to a name must not go to who is called so elsewhere.
public protocol NameHolder: Sendable {
    /// The source that those are of who have its names.
    var name: SourceName { get }

    /// Whether it has a name.
    /// - Parameter userName: the name.
    /// - Returns: nil if it could not look.
    func holds(_ userName: UserName) async -> Bool?
}
