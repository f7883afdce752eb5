import AuthService
import Credentials
import NIOCore

extension ListeningServer {
    /// The FastCGI authorizer, for Apache httpd and lighttpd.
    ///
    /// Whoever reaches it says from where a client comes. So it takes connections over a Unix socket, from this machine, and from trusted proxies.
    /// - Parameters:
    ///   - service: answers the requests.
    ///   - listen: where it listens.
    ///   - trustedProxies: who else may connect.
    ///   - timeouts: how long connections may keep it waiting.
    ///   - onRunning: told the address once the server listens.
    static func fastCGI(
        _ service: AuthService, listen: Configuration.Listen, trustedProxies: [IPNetwork], timeouts: ConnectionTimeouts,
        onRunning: @escaping @Sendable (String) -> Void
    ) -> ListeningServer {
        let allowed = trustedProxies + ["127.0.0.0/8", "::1/128"].compactMap { IPNetwork($0) }
        return ListeningServer(service, listen: listen, scheme: "fcgi", onRunning: onRunning) { channel, loop, limit in
            if let peer = channel.remoteAddress?.ipAddress.flatMap({ IPAddress($0) }),
                !allowed.contains(where: { $0.contains(peer) })
            {
                throw ChannelError.ioOnClosedChannel
            }
            try channel.pipeline.syncOperations.addHandler(
                FastCGIHandler(service: service, loop: loop, limit: limit, timeouts: timeouts))
        }
    }
}
