import Foundation

/// Reads what a command is given: a file, or standard input.
enum InputFile {
    /// Reads all of it.
    /// - Parameter path: its path; nil for standard input.
    /// - Returns: its bytes.
    /// - Throws: ``ConfigurationError`` with the system's words, such as for a folder.
    static func read(_ path: String?) throws(ConfigurationError) -> [UInt8] {
        let place = path ?? "standard input"
        var descriptor = STDIN_FILENO
        if let path { descriptor = open(path, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw problem(place) }
        defer { if path != nil { close(descriptor) } }
        var (bytes, block): ([UInt8], [UInt8]) = ([], Array(repeating: 0, count: 1 << 16))
        while true {
            let count = block.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes += block[..<count]
            } else if count == 0 {
                return bytes
            } else if errno != EINTR {
                throw problem(place)
            }
        }
    }

    private static func problem(_ place: String) -> ConfigurationError {
        ConfigurationError(
            place: place,
            message: "can't be read (\(String(cString: strerror(errno)))): check the path and its permissions")
    }
}
