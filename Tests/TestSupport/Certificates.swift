import Foundation

/// A private authority and a certificate of its for 127.0.0.1 and localhost, made by openssl for one test.
public final class Certificates: Sendable {
    private let folder: TemporaryFolder
    public var authority: String { folder.path("ca.pem") }
    public var certificate: String { folder.path("server.crt") }
    public var key: String { folder.path("server.key") }

    /// Makes them.
    /// - Parameters:
    ///   - host: what the certificate is for, as openssl writes it.
    ///   - days: for how long from now; negative for one that has expired.
    public init(host: String = "IP:127.0.0.1,DNS:localhost", days: Int = 2) async throws {
        folder = try TemporaryFolder()
        let openssl = try Program("openssl", package: "openssl")
        try folder.write("extensions", "subjectAltName=\(host)\n")
        let new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        for arguments in [
            ["req", "-x509"] + new + [
                "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Test authority",
            ],
            ["req"] + new + ["-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost"],
            [
                "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days",
                "\(days)", "-extfile", "extensions", "-out", "server.crt",
            ],
        ] {
            let output = try await openssl.run(arguments, folder: folder.root)
            guard output.status == 0 else { throw NeverHappened(description: "openssl: \(output.standardError)") }
        }
    }
}
