import Credentials

/// `http.externalURL`: where clients come in, whatever stands between them and this server.
enum ExternalURL {
    /// Where clients come in who reach this server itself, as zot guesses.
    static func origin(of listen: [Listen], isTLS: Bool) -> WebOrigin? {
        for place in listen {
            guard case .tcp(let address, let port) = place, address != "0.0.0.0", address != "::", port != 0 else {
                continue
            }
            let host = address.contains(":") ? "[\(address)]" : address
            return WebOrigin(isSecure: isTLS, authority: "\(host):\(port)")
        }
        return nil
    }
}
