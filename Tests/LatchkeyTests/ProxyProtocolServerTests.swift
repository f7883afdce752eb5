import Foundation
import TestSupport
import Testing

@Suite("A proxy that says from where clients come by the PROXY protocol", .serialized)
struct ProxyProtocolServerTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
    }

    private func curl(_ arguments: String...) async throws -> String {
        try await Program("curl", package: "curl").run(["-sk", "-o", "/dev/null", "-w", "%{http_code}"] + arguments)
            .standardOutput
    }

    /// The address that the trail has of a user's last request.
    private func client(of user: String) throws -> String? {
        let lines = try folder.text("audit.log").split(separator: "\n").filter { $0.contains("\"\(user)\"") }
        return try lines.last.flatMap { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return object?["client"] as? String
        }
    }

    @Test(
        "HAProxy's own, in both versions, with its checks, over TLS and a Unix socket, as nginx's",
        arguments: [false, true])
    func proxies(isEncrypted: Bool) async throws {
        let certificates = try await Certificates()
        let tls = isEncrypted ? ", tls: { cert: \(certificates.certificate), key: \(certificates.key) }" : ""
        let socket = folder.path("s")
        let direct = try Ports.free()
        let server = try await Latchkey(
            configuration: { port in
                """
                http: { listen: ['127.0.0.1:\(port)', 'unix:\(socket)', '127.0.0.1:\(direct)'], auth: { failDelay: 0, htpasswd: { path: htpasswd } },
                  proxyProtocol: [127.0.0.1, unix] \(tls) }
                log: { audit: audit.log }
                """
            }, folder: folder)
        var ports: [Int] = []
        var text = "defaults\n mode tcp\n timeout connect 5s\n timeout client 20s\n timeout server 20s\n"
        for target in [
            "127.0.0.1:\(server.port) send-proxy", "127.0.0.1:\(server.port) send-proxy-v2",
            "unix@\(socket) send-proxy-v2 check inter 200ms",
        ] {
            let port = try Ports.free()
            ports.append(port)
            text += "listen p\(port)\n bind 127.0.0.1:\(port)\n server l \(target)\n"
        }
        let path = try folder.write("haproxy.cfg", text)
        let proxy = try Program("haproxy", package: "haproxy").start(
            ["-f", path], output: folder.url("haproxy"), error: folder.url("haproxy"))
        defer { proxy.signal(SIGKILL) }
        for port in ports {
            try await eventually("HAProxy listens") { Ports.isOpen(port) }
            let url = "\(isEncrypted ? "https" : "http")://127.0.0.1:\(port)/v2/"
            // Of two requests the second comes over a connection of its own.
            for address in ["127.0.0.9", "127.0.0.7"] {
                #expect(try await curl("--interface", address, "-u", "amy:apple", url) == "200")
                try await eventually("the trail has \(address)") { try client(of: "amy") == address }
            }
        }
        // HAProxy's check of the Unix socket is LOCAL and says nothing more: no line about it.
        #expect(try !server.log.contains("was closed"))
    }

    @Test("Who is trusted must send it; who is not must not, and can't say to be somebody else")
    func others() async throws {
        let server = try await Latchkey(
            configuration: { port in
                """
                http: { listen: ['127.0.0.1:\(port)'], auth: { failDelay: 0, htpasswd: { path: htpasswd } }, proxyProtocol: [127.0.0.3] }
                log: { audit: audit.log }
                """
            }, folder: folder)
        let url = server.url + "/v2/"
        #expect(try await curl("-u", "amy:apple", url) == "200")
        // Bytes that are no request's.
        #expect(try await curl("--haproxy-protocol", "-u", "amy:apple", url) == "400")
        #expect(try client(of: "amy") == "127.0.0.1")
        #expect(try await curl("--interface", "127.0.0.3", "--haproxy-protocol", "-u", "amy:apple", url) == "200")
        let answer = try? await curl("--interface", "127.0.0.3", "-u", "amy:apple", url)
        #expect(answer == nil || answer == "000")
        try await eventually("the log says why") {
            try server.log.contains("a connection of 127.0.0.3, which http.proxyProtocol names, was closed")
        }
    }
}
