import Credentials
import Foundation
import TestSupport
import Testing

@testable import Htpasswd

@Suite("Files and hashes that other programs made")
struct InteroperationTests {
    private static let passwords = ["apple", "pa:ss wörd 🗝", "x", String(repeating: "long", count: 18)]

    @Test("Each algorithm of Apache's htpasswd", arguments: ["-m", "-B", "-d", "-s", "-2", "-5"])
    func apache(algorithm: String) async throws {
        let htpasswd = try Program("htpasswd", package: "apache2-utils")
        let folder = try TemporaryFolder()
        for (index, password) in Self.passwords.enumerated() {
            // DES reads eight characters, and htpasswd refuses more.
            let password = algorithm == "-d" ? String(password.prefix(8)) : password
            let create = index == 0 ? "-cb" : "-b"
            let output = try await htpasswd.run([create, algorithm, folder.path("f"), "user\(index)", password])
            try #require(output.status == 0, "\(output.standardError)")
            let table = HtpasswdTable(bytes: Array(try Data(contentsOf: folder.url("f"))))
            guard case .hash(let hash) = table.entry(of: "user\(index)") else {
                Issue.record("no usable entry of user\(index): \(table.diagnostics)")
                return
            }
            #expect(hash.verify(Secret(password)) == .match)
            #expect(hash.verify(Secret("n" + password.dropFirst())) == .mismatch)
        }
    }

    @Test("Each algorithm of openssl passwd", arguments: ["-1", "-apr1", "-5", "-6"])
    func openssl(algorithm: String) async throws {
        let openssl = try Program("openssl", package: "openssl")
        for password in Self.passwords {
            let output = try await openssl.run(["passwd", algorithm, "-stdin"], input: Data("\(password)\n".utf8))
            let hash = try PasswordHash(Array(output.standardOutput.utf8.dropLast()))
            #expect(hash.verify(Secret(password)) == .match)
            #expect(hash.verify(Secret(password + "!")) == .mismatch)
        }
    }

    @Test(
        "Each method of Debian's mkpasswd",
        arguments: [
            "yescrypt", "gost-yescrypt", "scrypt", "sha512crypt", "sha256crypt", "md5crypt", "bcrypt", "bcrypt-a",
            "descrypt", "bsdicrypt", "sunmd5", "nt",
        ])
    func mkpasswd(method: String) async throws {
        let mkpasswd = try Program("mkpasswd", package: "whois")
        let output = try await mkpasswd.run(["-m", method, "-s"], input: Data("grapes!\n".utf8))
        let hash = try PasswordHash(Array(output.standardOutput.utf8.dropLast()))
        #expect(hash.verify(Secret("grapes!")) == .match)
        #expect(hash.verify(Secret("grapes?")) == .mismatch)
    }

    @Test("passlib's own test vectors: each right secret matches, no other does, and a malformed hash is never a pass")
    func passlibVectors() async throws {
        let python = Program(path: "/usr/bin/python3")
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../fixtures/passlib-vectors.py")
        let output = try await python.run([script.standardized.path])
        try #require(output.status == 0, "apt-get install python3-passlib: \(output.standardError)")
        var handlers: Set<Substring> = []
        for line in output.standardOutput.split(separator: "\n") {
            let fields = line.split(separator: " ", omittingEmptySubsequences: false)
            let text = try #require(Data(base64Encoded: String(fields[3])))
            handlers.insert(fields[0])
            guard fields[1] == "correct" else {
                let hash = try? PasswordHash(Array(text))
                #expect(hash?.verify(Secret("stub")) != .match, "\(line)")
                continue
            }
            let secret = try #require(Data(base64Encoded: String(fields[2])))
            let hash = try PasswordHash(Array(text))
            // Nothing is truncated silently: what bcrypt cuts off is refused without its switch.
            let isLong = hash.format == .bcrypt && secret.count > 72
            let plain = hash.verify(Secret(bytes: Array(secret)))
            #expect(plain == (isLong ? .tooLong : .match), "\(line)")
            #expect(hash.verify(Secret(bytes: Array(secret)), allowTruncation: true) == .match, "\(line)")
            #expect(hash.verify(Secret(bytes: [0x21] + secret), allowTruncation: true) != .match, "\(line)")
        }
        #expect(handlers.count == 12)
    }
}
