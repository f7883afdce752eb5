/// What a search asks for.
struct SearchRequest: Sendable {
    /// The entry where the search starts.
    var base: String
    /// How far below it.
    var scope = DirectoryOptions.SearchScope.base
    /// An RFC 4515 filter.
    var filter = "(objectClass=*)"
    /// The attributes to read; `1.1` for none (RFC 4511, 4.5.1.8).
    var attributes = ["1.1"]
    /// How many entries to read at most. Reaching it is no error.
    var limit: Int32 = 1
}
