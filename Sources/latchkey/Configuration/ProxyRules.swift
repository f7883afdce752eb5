import Credentials
import Foundation

/// Which proxy providers are asked through, as curl reads it from the environment: `https_proxy` or `HTTPS_PROXY` for addresses of https,
/// `http_proxy` for those of http, and `no_proxy` or `NO_PROXY` for those that are asked directly.
///
/// `HTTP_PROXY` in capitals does not count, as in curl: a web server that starts programs sets it to what a request says (httpoxy).
struct ProxyRules: Sendable, Equatable {
    /// A proxy of HTTP, to which connections are made by `CONNECT`.
    struct Proxy: Sendable, Hashable {
        var host: String
        var port: Int
        /// Who this server is to it; nil if it does not ask.
        var user: String?
        var password = ""
    }

    private var http: Proxy?
    private var https: Proxy?
    /// Names and addresses that are asked directly, without a leading dot.
    private var direct: [String] = []
    private var isAllDirect = false

    /// No proxy.
    init() {}

    /// Reads the environment.
    /// - Throws: ``ConfigurationError`` for a proxy of a kind that is not known here. Its value is not told: a password may be in it.
    init(environment: [String: String]) throws(ConfigurationError) {
        func value(_ names: String...) -> (name: String, text: String)? {
            names.lazy.compactMap { name in environment[name].map { (name, $0) } }.first { !$0.1.isEmpty }
        }
        if let (name, text) = value("http_proxy") { http = try Self.proxy(text, name) }
        if let (name, text) = value("https_proxy", "HTTPS_PROXY") { https = try Self.proxy(text, name) }
        for entry in (value("no_proxy", "NO_PROXY")?.text ?? "").split(whereSeparator: { ", \t".contains($0) }) {
            if entry == "*" { isAllDirect = true }
            let name = entry.hasPrefix(".") ? entry.dropFirst() : entry
            if !name.isEmpty { direct.append(name.lowercased()) }
        }
    }

    private static func proxy(_ text: String, _ name: String) throws(ConfigurationError) -> Proxy {
        let address = text.contains("://") ? text : "http://" + text
        guard let parts = URLComponents(string: address), parts.scheme?.lowercased() == "http",
            let host = parts.host, !host.isEmpty
        else {
            throw ConfigurationError(
                place: "the environment",
                message:
                    "\(name) must be a proxy of HTTP such as http://proxy.example.org:3128: others are not used here")
        }
        // 1080 is curl's.
        return Proxy(
            host: Self.bare(host), port: parts.port ?? 1080, user: parts.user, password: parts.password ?? "")
    }

    /// The proxy through which an address is asked; nil for none.
    func proxy(for url: String) -> Proxy? {
        guard let parts = URLComponents(string: url), let host = parts.host.map({ Self.bare($0).lowercased() }),
            let proxy = parts.scheme?.lowercased() == "https" ? https : http, !isDirect(host)
        else { return nil }
        return proxy
    }

    /// Whether a host is asked directly: it is named, or a domain that it lies in, or its network is.
    private func isDirect(_ host: String) -> Bool {
        guard !isAllDirect else { return true }
        let host = host.hasSuffix(".") ? String(host.dropLast()) : host
        if let address = IPAddress(host) {
            return direct.contains { IPNetwork(Self.bare($0))?.contains(address) ?? false }
        }
        return direct.contains { host == $0 || host.hasSuffix("." + $0) }
    }

    /// An address of IPv6 without its brackets.
    private static func bare(_ host: String) -> String {
        host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    }
}
