public import Credentials

/// What a reload of an htpasswd file has changed of who is in it.
public struct HtpasswdReload: Sendable {
    /// The users of before; nil for a file that is read for the first time: whoever is not in it has left it some time.
    private let old: HtpasswdTable?
    private let new: HtpasswdTable

    init(old: HtpasswdTable?, new: HtpasswdTable) { (self.old, self.new) = (old, new) }

    /// Whether the file had somebody, and has them no more.
    /// - Parameter userName: the user's name.
    public func hasLeft(_ userName: UserName) -> Bool {
        (old.map { $0.field(of: userName) != nil } ?? true) && new.field(of: userName) == nil
    }
}
