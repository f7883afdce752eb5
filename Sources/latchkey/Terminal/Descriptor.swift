import Foundation

/// Writing to what another program has opened for this one.
enum Descriptor {
    /// Writes all bytes. Waits for a reader where the descriptor does not.
    /// - Returns: the system's number of what went wrong; nil if all are written.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var events = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&events, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return nil
    }

    /// Sees to it that no file which is opened later becomes standard input, output or error, as one would where they are closed: what is printed
    /// would then be written into it. Each is opened so that using it fails.
    static func keepStandardOnes() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest that is free, which is this one.
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }
}
