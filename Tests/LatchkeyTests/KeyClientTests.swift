import Foundation
import TestSupport
import Testing

@testable import latchkey

@Suite("What the command line asks a server, and prints of its answers")
struct KeyClientTests {
    private func server(_ auth: String = "") async throws -> Latchkey {
        let folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\na:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        return try await Latchkey(auth: "htpasswd: { path: htpasswd }, apikey: true\(auth)", folder: folder)
    }

    private func run(_ arguments: [String], input: String = "apple\n") async throws -> Program.Output {
        try await Latchkey.program.run(["apikey"] + arguments, input: Data(input.utf8))
    }

    private func objects(_ text: String) throws -> [NSDictionary] {
        try text.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? NSDictionary)
        }
    }

    @Test(
        "list --json prints each field that the server says, of keys in every state, over all pages, the same each time"
    )
    func list() async throws {
        let server = try await server(", apiKeys: { administrators: { users: [amy] } }")
        let (_, first) = try await server.createKey(
            "amy:apple", #"{"label": "a \"b\" \\ ü \u202e", "scopes": ["x/**"]}"#)
        let (key, _) = try await server.createKey("amy:apple", #"{"expirationDate": "2090-01-01T00:00:00Z"}"#)
        _ = try await server.curl("/v2/", "-u", "amy:\(key)")
        _ = try await server.curl("/zot/auth/apikey/rotate?id=\(first)&overlap=1h", "-u", "amy:apple", "-X", "POST")
        let (_, ended) = try await server.createKey("amy:apple")
        _ = try await server.curl("/zot/auth/apikey?id=\(ended)", "-u", "amy:apple", "-X", "DELETE")
        let at = ["--server", server.url, "-u", "amy"]
        let printed = try await run(["list", "--json", "--state", "all"] + at)
        let said = try await server.curl("/zot/auth/apikey?state=all", "-u", "amy:apple").body
        let body = try JSONSerialization.jsonObject(with: Data(said.utf8)) as? [String: Any]
        let keys = try #require(body?["apiKeys"] as? [NSDictionary])
        #expect(try objects(printed.standardOutput) == keys && keys.count >= 3, "\(printed) \(said)")
        for field in [
            "creatorUa", "generatedBy", "isExpired", "overlapEnds", "revokedAt", "revokedBy", "rotatedAt", "successor",
        ] {
            #expect(printed.standardOutput.contains("\"\(field)\":"), "\(field)")
        }
        #expect(try await run(["list", "--json", "--state", "all"] + at).standardOutput == printed.standardOutput)
    }

    @Test("revoke prints the same form however keys were named, with --json and without")
    func revoke() async throws {
        let server = try await server()
        let at = ["--server", server.url, "-u", "amy"]
        func make() async throws -> String { try await server.createKey("amy:apple").id }
        let (one, two, three, four) = (try await make(), try await make(), try await make(), try await make())
        #expect(try await run(["revoke", one] + at).standardOutput == "revoked \(one)\n")
        #expect(
            try await run(["revoke", two.uppercased(), "--json"] + at).standardOutput == "{\"revoked\":[\"\(two)\"]}\n")
        let all = try await run(["revoke", "--all", "--json"] + at)
        let ids = try objects(all.standardOutput).first?["revoked"] as? [String]
        #expect(Set(ids ?? []) == [three, four], "\(all)")
        let five = try await make()
        #expect(try await run(["revoke", "--all"] + at).standardOutput == "revoked \(five)\n")
        let none = try await run(["revoke", "--all"] + at)
        #expect(none.status == 0 && none.standardOutput.isEmpty && none.standardError.contains("no key to revoke"))
        #expect(try await run(["revoke", "--all", "--json"] + at).standardOutput == "{\"revoked\":[]}\n")
    }

    @Test("A scheme has no case, and a name with a colon is refused before anything is sent")
    func addresses() async throws {
        let server = try await server()
        let port = server.port
        for address in ["HTTP://127.0.0.1:\(port)", "Http://LocalHost:\(port)/", "http://127.0.0.1:\(port)//"] {
            let output = try await run(["list", "--server", address, "-u", "amy"])
            #expect(output.status == 0, "\(address): \(output)")
        }
        let before = try server.log
        for name in ["a:b", "a:apple", ":", String(repeating: "n", count: 1100)] {
            let output = try await run(["list", "--server", server.url, "-u", name])
            #expect(output.status == 2 && output.standardError.contains("--user"), "\(output)")
        }
        #expect(try server.log == before)
        for address in ["HTTPS://127.0.0.1:\(port)?x=1", "http://127.0.0.1:\(port)#x", "ftp://127.0.0.1", "http://"] {
            #expect(try await run(["list", "--server", address, "-u", "amy"]).status == 2, "\(address)")
        }
        let clear = try await run(["list", "--server", "HTTP://auth.example.org", "-u", "amy"])
        #expect(clear.status == 2 && clear.standardError.contains("in the clear"), "\(clear)")
    }

    @Test("A server that refuses the connection is told of at once, and is not asked again for ten seconds")
    func refused() async throws {
        let port = try Ports.free()
        for host in ["127.0.0.1", "localhost"] {
            // It took ten seconds and more before; a start of the program takes far less than nine, however busy the machine is.
            let output = try await Program("timeout", package: "coreutils").run(
                ["9", Latchkey.program.path, "apikey", "list", "--server", "http://\(host):\(port)", "-u", "amy"],
                input: Data("apple\n".utf8))
            #expect(output.status == 3 && output.standardError.contains("Connection refused"), "\(output)")
        }
    }
}
