import Credentials
import Foundation
import TestSupport
import Testing

@testable import Htpasswd

@Suite("Password hashes")
struct PasswordHashTests {
    private func check(_ password: String, _ hash: String) throws -> PasswordHash.Check {
        try PasswordHash(Array(hash.utf8)).verify(Secret(password))
    }

    @Test(
        "Published vectors verify, and a changed password does not",
        arguments: [
            // bcrypt: from crypt_blowfish's and jBCrypt's own tests.
            ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", HashFormat.bcrypt),
            ("U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", .bcrypt),
            ("abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i", .bcrypt),
            // crypt(3): from the specification of SHA-crypt.
            ("Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", .sha256Crypt),
            (
                "Hello world!",
                "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
                .sha512Crypt
            ),
            // apr1 and {SHA}: from Apache's documentation of password formats.
            ("myPassword", "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/", .apr1),
            ("myPassword", "{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=", .sha1),
            ("myPassword", "rqXexS6ZhobKA", .des),
        ])
    func vectors(password: String, hash: String, format: HashFormat) throws {
        #expect(try PasswordHash(Array(hash.utf8)).format == format)
        #expect(try check(password, hash) == .match)
        #expect(try check("X" + password, hash) == .mismatch)
        #expect(try check("", hash) == .mismatch)
    }

    @Test(
        "A hash that is cut short, or of no known format, can't be read",
        arguments: [
            "", "plain text", "password", "{SHA}", "{SHA}VBPuJHI7uixaa6LQGWx4s+5GKN=", "{SSHA}abc", "$", "$$", "$2y$",
            "$2y$10$short", "$2y$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
            "$2y$5x$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
            "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyO:W", "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA",
            "$apr1$", "$6$salt$short", "$y$j9T$", "$99$abc$def", "*", "!", "!!", "x",
        ])
    func defects(hash: String) {
        #expect(throws: PasswordHash.Defect.self) { try PasswordHash(Array(hash.utf8)) }
    }

    @Test("A secret of 73 bytes is refused for bcrypt, one of 72 is not, and a switch allows Apache's truncation")
    func seventyTwoBytes() async throws {
        let (long, longer) = (String(repeating: "x", count: 72), String(repeating: "x", count: 73))
        let output = try await Program("htpasswd", package: "apache2-utils").run(["-nbB", "-C", "4", "u", long])
        let line = try #require(output.standardOutput.split(separator: "\n").first)
        let hash = try PasswordHash(Array(line.dropFirst(2).utf8))
        #expect(hash.verify(Secret(long)) == .match)
        #expect(hash.verify(Secret(longer)) == .tooLong)
        #expect(hash.verify(Secret(longer), allowTruncation: true) == .match)
    }

    @Test("No random text makes the reader crash, and what it accepts can be verified")
    func random() {
        let alphabet = Array("$2yab1567{SHA}.:/=zAZ09_gy apr".utf8)
        let seeds = [
            "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/",
            "{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=", "rqXexS6ZhobKA", "$1$salt$qJH7.N4xYta3aEG/dfqo/0",
        ]
        for round in 0..<3000 {
            var bytes = round.isMultiple(of: 2) ? Array((seeds.randomElement() ?? "").utf8) : []
            if bytes.isEmpty {
                bytes = (0..<Int.random(in: 0...70)).map { _ in alphabet.randomElement() ?? 0 }
            } else {
                for _ in 0..<Int.random(in: 1...3) { bytes[Int.random(in: 0..<bytes.count)] = .random(in: 1...255) }
            }
            guard let hash = try? PasswordHash(bytes), HashLimits.quick.excess(hash.format, hash.cost) == nil else {
                continue
            }
            #expect(hash.verify(Secret("surely not the password")) != .match)
        }
    }
}
