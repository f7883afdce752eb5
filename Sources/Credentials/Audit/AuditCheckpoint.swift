public import struct Foundation.Date

/// Where an audit file ended at some time, kept away from the file: lines that are missing at its end show so, even where the file was
/// replaced by an older one.
public struct AuditCheckpoint: Sendable, Hashable {
    /// Which file it is: the machine's name and the path.
    public var file: String
    /// The number of its last line.
    public var number: Int64
    /// The SHA-256 of that line, in hexadecimal.
    public var hash: String
    /// When that was.
    public var date: Date

    /// Makes a checkpoint.
    /// - Parameters:
    ///   - file: which file it is.
    ///   - number: the number of its last line.
    ///   - hash: the SHA-256 of that line, in hexadecimal.
    ///   - date: when that was.
    public init(file: String, number: Int64, hash: String, date: Date) {
        (self.file, self.number, self.hash, self.date) = (file, number, hash, date)
    }
}

/// Keeps where audit files end. Safe to share.
public protocol CheckpointStore: Sendable {
    /// Keeps where a file ends.
    /// - Parameters:
    ///   - checkpoint: where it ends.
    ///   - replacing: whether what is kept of the file gives way also where it lies behind: its loss was told.
    /// - Throws: `SourceFailure` if it could not be stored.
    func noteCheckpoint(_ checkpoint: AuditCheckpoint, replacing: Bool) async throws(SourceFailure)

    /// Finds where a file ended last.
    /// - Parameter file: which file it is.
    /// - Returns: nil if nothing is known of it.
    /// - Throws: `SourceFailure` if the store could not look.
    func checkpoint(of file: String) async throws(SourceFailure) -> AuditCheckpoint?

    /// Forgets files that nobody has written to for long.
    /// - Parameter date: when a file was last written to that is forgotten, at the latest.
    /// - Returns: how many.
    /// - Throws: `SourceFailure`.
    func purgeCheckpoints(before date: Date) async throws(SourceFailure) -> Int
}
