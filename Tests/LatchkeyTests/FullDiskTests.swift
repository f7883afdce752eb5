import Foundation
import TestSupport
import Testing

@Suite("A data folder whose disk is full")
struct FullDiskTests {
    /// Writes to a file until nothing fits any more.
    private func fill(_ url: URL) throws {
        let file = open(url.path, O_WRONLY | O_CREAT, 0o600)
        try #require(file >= 0)
        defer { close(file) }
        let block = [UInt8](repeating: 0, count: 4096)
        while write(file, block, block.count) > 0 {}
        try #require(errno == ENOSPC)
    }

    @Test(
        "creates no key, answers 503, keeps the keys that there are, and creates keys again once there is room",
        .enabled("a disk of its own needs root, and a kernel that lets it mount") {
            try await Program.canMount
        })
    func full() async throws {
        let folder = try TemporaryFolder()
        let htpasswd = try Program("htpasswd", package: "apache2-utils")
        _ = try await htpasswd.run(["-cbB", "-C", "4", folder.path("htpasswd"), "amy", "apple"])
        let server = try await Latchkey(
            auth: "htpasswd: { path: htpasswd }, apikey: true", folder: folder, dataSize: "1m")
        let (key, id) = try await server.createKey("amy:apple")
        let filler = server.data.appending(path: "filler")
        try fill(filler)
        // What the store has reserved already takes a few.
        var created = 1
        var answer = (status: "", body: "")
        for _ in 0..<100 where answer.status != "503" {
            answer = try await server.curl("/zot/auth/apikey", "-u", "amy:apple", "-d", "{}", "-D", "-")
            if answer.status == "201" { created += 1 }
        }
        #expect(answer.status == "503" && answer.body.contains("Retry-After: 5"))
        #expect(!answer.body.contains("zak_") && !answer.body.contains("disk"))
        #expect(try await server.curl("/zot/auth/apikey?id=\(id)", "-u", "amy:apple", "-X", "DELETE").status == "503")
        #expect(try await server.curl("/v2/", "-u", "amy:\(key)").status == "200")
        #expect(try await server.curl("/v2/", "-u", "amy:apple").status == "200")
        let list = try await server.curl("/zot/auth/apikey", "-u", "amy:apple")
        #expect(list.status == "200" && list.body.components(separatedBy: "\"uuid\"").count - 1 == created)
        #expect(try server.log.contains("full"))
        try FileManager.default.removeItem(at: filler)
        let (next, _) = try await server.createKey("amy:apple")
        #expect(try await server.curl("/v2/", "-u", "amy:\(next)").status == "200")
        #expect(try await server.curl("/zot/auth/apikey?id=\(id)", "-u", "amy:apple", "-X", "DELETE").status == "200")
        #expect(try await server.curl("/v2/", "-u", "amy:\(key)").status == "401")
        #expect(await server.stop() == 0)
    }
}
