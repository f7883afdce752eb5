import Foundation

/// Reads audit files in pieces: what is in memory is the same for a file of any size.
enum AuditFiles {
    private static let pieceLength = 1 << 18

    /// Has a file checked. Blocks. It may be a pipe too, as from a program that unpacks.
    /// - Parameters:
    ///   - path: the file.
    ///   - verifier: checks it.
    /// - Throws: ``AuditVerifier/Tampering``; ``ConfigurationError`` if it can't be read.
    static func read(_ path: String, into verifier: inout AuditVerifier) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path, errno) }
        defer { close(descriptor) }
        verifier.begin(path)
        var piece = [UInt8](repeating: 0, count: pieceLength)
        while true {
            let count = piece.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path, errno) }
            guard count > 0 else { break }
            try verifier.take(piece.span.extracting(0..<count))
        }
        try verifier.endFile()
    }

    private static func unreadable(_ path: String, _ code: Int32) -> ConfigurationError {
        ConfigurationError(
            place: path,
            message: "can't be read (\(String(cString: strerror(code)))): check the path and its permissions")
    }
}
