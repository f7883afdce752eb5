import Foundation

/// The sockets that systemd has opened for this process (sd_listen_fds(3)).
enum InheritedSockets {
    /// The first descriptor that is handed over.
    private static let first: Int32 = 3

    /// Why there is none.
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// Finds a socket.
    /// - Parameters:
    ///   - name: its name (`FileDescriptorName=`); nil for the first.
    ///   - environment: what systemd has said.
    static func descriptor(
        _ name: String?, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(Missing) -> Int32 {
        guard let count = environment["LISTEN_FDS"].flatMap({ Int32($0) }), count > 0,
            environment["LISTEN_PID"].flatMap({ Int32($0) }) == getpid()
        else {
            throw Missing(description: "systemd has handed over no socket: is there a .socket unit for this service?")
        }
        guard let name else { return first }
        let names = environment["LISTEN_FDNAMES"]?.split(separator: ":", omittingEmptySubsequences: false) ?? []
        guard let index = names.firstIndex(where: { $0 == name }), index < count else {
            throw Missing(
                description:
                    "systemd has handed over no socket named \(name): see FileDescriptorName= of the .socket unit")
        }
        return first + Int32(index)
    }
}
