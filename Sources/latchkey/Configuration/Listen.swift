import Foundation

/// Where the server listens.
enum Listen: Sendable, Hashable {
    /// An address and a port.
    case tcp(address: String, port: Int)
    /// A Unix socket. Without a mode it is for its owner alone, as the process' umask has it.
    case unix(path: String, mode: UInt16? = nil, group: String? = nil)
    /// A socket that systemd has opened (sd_listen_fds(3)): of this name, or the first.
    case inherited(name: String?)

    /// Reads a place.
    /// - Parameters:
    ///   - text: `ADDRESS:PORT`, `[ADDRESS]:PORT`, `:PORT` for every address, `unix:PATH`, `unix:PATH,mode=660,group=www-data`, `systemd`,
    ///     `systemd:NAME`.
    ///   - resolve: makes a path absolute.
    /// - Returns: nil for anything else.
    init?(_ text: String, resolve: (String) -> String = { $0 }) {
        if text == "systemd" || text.hasPrefix("systemd:") {
            let name = String(text.dropFirst(8))
            guard text == "systemd" || !name.isEmpty else { return nil }
            self = .inherited(name: name.isEmpty ? nil : name)
            return
        }
        if text.hasPrefix("unix:") {
            let parts = text.dropFirst(5).split(separator: ",", omittingEmptySubsequences: false)
            guard let path = parts.first, !path.isEmpty else { return nil }
            var (mode, group): (UInt16?, String?) = (nil, nil)
            for part in parts.dropFirst() {
                if part.hasPrefix("mode="), let number = UInt16(part.dropFirst(5), radix: 8), number <= 0o777 {
                    mode = number
                } else if part.hasPrefix("group="), part.count > 6 {
                    group = String(part.dropFirst(6))
                } else {
                    return nil
                }
            }
            self = .unix(path: resolve(String(path)), mode: mode, group: group)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port)
        else { return nil }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            self = .tcp(address: String(host.dropFirst().dropLast()), port: port)
        } else {
            // What has colons of its own and no brackets may be meant otherwise.
            guard !host.contains(":") else { return nil }
            self = .tcp(address: host.isEmpty ? "0.0.0.0" : String(host), port: port)
        }
    }

    /// The path of a Unix socket.
    var path: String? { if case .unix(let path, _, _) = self { path } else { nil } }
}

extension Listen: CustomStringConvertible {
    var description: String {
        switch self {
        case .tcp(let address, let port): address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
        case .unix(let path, _, _): path
        case .inherited(let name): name.map { "the socket \($0) of systemd" } ?? "the socket of systemd"
        }
    }
}

/// What kept the server from listening somewhere.
struct ListenError: Error {
    let listen: Listen
    let reason: any Error
}
