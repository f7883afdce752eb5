/// What Latchkey does with the file, folder or socket that a key names. It decides where a relative path leads (``RelativePaths``).
enum PathUse: Sendable, Hashable, CaseIterable {
    /// Latchkey reads it, and never makes or changes it: where there is none beside the configuration, one of the working folder is
    /// taken, as zot's own examples need.
    case read
    /// Latchkey makes or changes it, and goes by what it has written before: the store, the audit trail, keys of its own.
    case state
    /// Latchkey makes it, and asks for nothing that was there before: the log, sockets.
    case output
}
