import Foundation

/// `http.externalURL`: where clients come in, whatever stands between them and this server.
enum ExternalURL {
    /// Reads it.
    /// - Returns: its origin, such as `https://auth.example.org`; nil for what is no address of http or https, or has a path, which would
    ///   not be ours alone.
    static func origin(_ text: String) -> String? {
        let text = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard
            text.wholeMatch(of: #/https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?/#.ignoresCase()) != nil,
            let url = URL(string: text), let host = url.host, !host.isEmpty
        else { return nil }
        return text.lowercased()
    }

    /// The origin of a whole address.
    static func origin(ofAddress text: String) -> String? {
        guard let url = URL(string: text), let scheme = url.scheme, let host = url.host else { return nil }
        return origin("\(scheme)://\(host)" + (url.port.map { ":\($0)" } ?? ""))
    }

    /// Where clients come in who reach this server itself, as zot guesses.
    static func origin(of listen: [Listen], isTLS: Bool) -> String? {
        for place in listen {
            guard case .tcp(let address, let port) = place, address != "0.0.0.0", address != "::", port != 0 else {
                continue
            }
            return origin("\(isTLS ? "https" : "http")://\(address.contains(":") ? "[\(address)]" : address):\(port)")
        }
        return nil
    }
}
