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
    ///   - startsIn: in how many days it begins to be valid.
    ///   - isSelfSigned: whether it is its own authority.
    public init(
        host: String = "IP:127.0.0.1,DNS:localhost", days: Int = 2, startsIn: Int = 0, isSelfSigned: Bool = false
    ) async throws {
        folder = try TemporaryFolder()
        let openssl = try Program("openssl", package: "openssl")
        try folder.write("extensions", "subjectAltName=\(host)\n")
        let new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        let subject = ["-keyout", "server.key", "-subj", "/CN=localhost"]
        let sign =
            startsIn == 0
            ? [
                "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days",
                "\(days)", "-extfile", "extensions", "-out", "server.crt",
            ]
            : [
                "ca", "-batch", "-notext", "-config", "ca.cnf", "-in", "server.csr", "-out", "server.crt", "-extfile",
                "extensions", "-startdate", Self.time(inDays: startsIn), "-enddate", Self.time(inDays: startsIn + days),
            ]
        // Only `openssl ca` lets a certificate begin later.
        try folder.write("index.txt", "")
        try folder.write(
            "ca.cnf",
            """
            [ca]
            default_ca = d
            [d]
            database = index.txt
            new_certs_dir = .
            certificate = ca.pem
            private_key = ca.key
            default_md = sha256
            rand_serial = yes
            policy = p
            [p]
            commonName = supplied
            """)
        let selfSigned = [
            ["req", "-x509"] + new + subject
                + ["-out", "server.crt", "-days", "\(days)", "-addext", "subjectAltName=\(host)"]
        ]
        for arguments in [
            ["req", "-x509"] + new + [
                "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Test authority",
            ]
        ] + (isSelfSigned ? selfSigned : [["req"] + new + subject + ["-out", "server.csr"], sign]) {
            let output = try await openssl.run(arguments, folder: folder.root)
            guard output.status == 0 else { throw NeverHappened(description: "openssl: \(output.standardError)") }
        }
    }

    /// A moment as `openssl ca` reads it.
    private static func time(inDays days: Int) -> String {
        let text = Date.now.addingTimeInterval(Double(days) * 86_400).formatted(.iso8601)
        return text.filter { $0.isNumber } + "Z"
    }
}
