import Foundation
import HTTPTypes
import TestSupport
import Testing
import Yams

@testable import AuthService
@testable import latchkey

@Suite("The OpenAPI document")
struct OpenAPITests {
    private func document() throws -> [String: Any] {
        try #require(try Yams.load(yaml: OpenAPIDocument.text(RouteTable.shared.rows)) as? [String: Any])
    }

    @Test("It has each path and method of the table of routes, and no others, each under a name of its own")
    func complete() throws {
        let document = try document()
        let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
        #expect(document["openapi"] as? String == "3.1.0")
        #expect((document["info"] as? [String: Any])?["version"] as? String == Version.current)
        var expected: Set<String> = []
        for row in RouteTable.shared.rows {
            for path in row.paths {
                for method in row.methods ?? OpenAPIDocument.methods {
                    expected.insert("\(method.rawValue.lowercased()) \(path)")
                }
            }
        }
        let documented = paths.flatMap { path, item in item.keys.map { "\($0) \(path)" } }
        #expect(Set(documented) == expected)
        let names = paths.values.flatMap { $0.values.compactMap { $0["operationId"] as? String } }
        #expect(names.count == expected.count && Set(names).count == names.count)
    }

    @Test("A row that anybody may ask has no security, any other has one, and says what a refusal looks like")
    func security() throws {
        let paths = try #require(try document()["paths"] as? [String: [String: [String: Any]]])
        for row in RouteTable.shared.rows {
            for path in row.paths {
                for method in row.methods ?? OpenAPIDocument.methods {
                    let operation = try #require(paths[path]?[method.rawValue.lowercased()], "\(method) \(path)")
                    let responses = try #require(operation["responses"] as? [String: Any], "\(method) \(path)")
                    let isOpen = (operation["security"] as? [Any])?.isEmpty ?? false
                    #expect(isOpen == (row.demand == .nothing), "\(method) \(path)")
                    #expect(isOpen || responses["401"] != nil, "\(method) \(path)")
                }
            }
        }
    }

    @Test("The parameters of the document are those that the server takes")
    func parameters() throws {
        let document = try document()
        let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
        for row in RouteTable.shared.rows where row.operation.query.judge != .reader {
            for path in row.paths {
                for method in row.methods ?? OpenAPIDocument.methods {
                    let operation = try #require(paths[path]?[method.rawValue.lowercased()])
                    let listed = (operation["parameters"] as? [[String: Any]] ?? []).filter {
                        $0["in"] as? String == "query"
                    }
                    let declared = row.operation.query.parameters.filter(\.isListed)
                    let responses = try #require(operation["responses"] as? [String: Any])
                    #expect(row.operation.query.judge != .table || responses["400"] != nil, "\(method) \(path)")
                    #expect(listed.compactMap { $0["name"] as? String } == declared.map(\.name), "\(method) \(path)")
                    for (entry, parameter) in zip(listed, declared) {
                        #expect(
                            entry["required"] as? Bool ?? false == parameter.isRequired, "\(path) \(parameter.name)")
                        let schema = try #require(entry["schema"] as? [String: Any], "\(path) \(parameter.name)")
                        #expect(
                            (schema["type"] as? String == "array") == parameter.mayRepeat, "\(path) \(parameter.name)")
                    }
                }
            }
        }
    }

    @Test("Every reference leads somewhere")
    func references() throws {
        let text = OpenAPIDocument.text(RouteTable.shared.rows)
        let components = try #require(try document()["components"] as? [String: [String: Any]])
        let references = text.matches(of: /#\/components\/(\w+)\/(\w+)/)
        #expect(references.count > 50)
        for match in references {
            #expect(components[String(match.output.1)]?[String(match.output.2)] != nil, "\(match.output.0)")
        }
    }

    @Test("schemathesis, with all its checks, finds nothing")
    func schemathesis() async throws { try await alone { try await schemathesisTold() } }

    private func schemathesisTold() async throws {
        let program = try Program(python: "schemathesis", distribution: "schemathesis==4.32.5")
        let folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let server = try await Latchkey(
            auth:
                """
                htpasswd: { path: htpasswd }, apikey: true, throttle: { enabled: false }, tokens: { issuer: me, services: [registry] },
                openid: { providers: { corp: { issuer: "http://127.0.0.1:1", clientid: x, clientsecret: y } } }
                """,
            folder: folder)
        var selected = 0
        // A proxy asks about requests of any method by a request of that method: there no method is wrong.
        for more in [
            ["--exclude-path-regex", "^/auth/(verify|authz/)$"],
            ["--include-path-regex", "^/auth/(verify|authz/)$", "--exclude-checks", "unsupported_method"],
        ] {
            let output = try await program.run(
                [
                    "--config-file", Slapd.repository.appending(path: "fixtures/schemathesis.toml").path, "run",
                    server.url + "/openapi.yaml", "--auth", "amy:apple", "--checks", "all", "--max-examples", "10",
                    "--seed", "20261126",
                    "--no-color",
                ] + more, folder: folder.root)
            #expect(output.status == 0, "\(output.standardOutput.suffix(4000))")
            let count = output.standardOutput.firstMatch(of: /Selected: (\d+)\//).flatMap { Int($0.output.1) }
            selected += count ?? 0
        }
        // Each operation of each path was tried but the one that the document itself came from.
        #expect(selected == Self.operations - 1)
        #expect(await server.stop() == 0)
    }

    /// How many operations the main listener answers.
    private static var operations: Int {
        RouteTable.shared.rows.filter { $0.place != .operationsOnly }
            .reduce(0) { $0 + $1.paths.count * ($1.methods ?? OpenAPIDocument.methods).count }
    }

    @Test("It is served, as YAML, and where operators have a listener of their own, there")
    func served() async throws {
        let folder = try TemporaryFolder()
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let server = try await Latchkey(auth: "htpasswd: { path: htpasswd }", folder: folder)
        let answer = try await server.curl("/openapi.yaml", "-D", "-")
        #expect(
            answer.status == "200" && answer.body.contains("application/yaml") && answer.body.contains("openapi: 3.1.0")
        )
        #expect(!answer.body.contains("/zot/auth/apikey"), "without a store of keys their routes are not there")
    }
}
