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
}
