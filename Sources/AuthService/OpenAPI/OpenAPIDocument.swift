import HTTPTypes
import OpenIDConnect

/// The description of the whole HTTP surface in OpenAPI 3.1, made from the table of routes: a route that is there is in it.
enum OpenAPIDocument {
    /// The version of the interface.
    static let version = "0.2.0"

    /// The methods that a path item of OpenAPI has a place for, in the order in which they are written.
    static let methods: [HTTPRequest.Method] = [.get, .put, .post, .delete, .options, .head, .patch, .trace]

    /// The document, in YAML.
    /// - Parameters:
    ///   - rows: the rows that the listener answers.
    ///   - providers: the names of the providers that people log in with: letters, digits, `-` and `_`.
    static func text(_ rows: [Route], providers: [String] = ["corp"]) -> String {
        var (paths, operations): ([String], [String: [(method: HTTPRequest.Method, text: String)]]) = ([], [:])
        for row in rows {
            for (index, path) in row.paths.enumerated() {
                if operations[path] == nil { paths.append(path) }
                for method in row.methods ?? methods {
                    // Older names of a path, and the methods of one row, are operations of their own.
                    let id = row.operation.name + (index == 0 ? "" : "\(index + 1)") + suffix(method, row)
                    operations[path, default: []].append((method, "operationId: \(id)\n\(row.operation.text)"))
                }
            }
        }
        var text = header
        for path in paths {
            text += "  \(path):\n"
            for (method, operation) in operations[path] ?? [] {
                text += "    \(method.rawValue.lowercased()):\n\(indented(operation, 6))\n"
            }
        }
        text = text.replacing(Operation.providers, with: "[\(providers.joined(separator: ", "))]")
        return text + OpenAPIComponents.text
    }

    private static func suffix(_ method: HTTPRequest.Method, _ row: Route) -> String {
        (row.methods ?? methods).count > 1
            ? String(method.rawValue.prefix(1) + method.rawValue.dropFirst().lowercased()) : ""
    }

    private static func indented(_ text: String, _ spaces: Int) -> String {
        text.split(separator: "\n").map { String(repeating: " ", count: spaces) + $0 }.joined(separator: "\n")
    }

    private static let header = """
        openapi: 3.1.0
        info:
          title: Latchkey
          summary: Who is asking, and what they may do.
          description: >-
            Credentials of an htpasswd file, of a directory or of a store of API keys; the API-key REST API of the zot registry, with
            rotation, filters and administrators; forward authentication for reverse proxies.
          version: \(version)
          license: { name: Apache 2.0, identifier: Apache-2.0 }
        servers:
          - url: /
        security:
          - basic: []
          - bearer: []
          - session: []
        paths:

        """
}

extension AuthService {
    /// The description of what this listener answers.
    func openAPI() -> AuthResponse {
        let rows = RouteTable.shared.rows.filter { isAnswered($0) }
        return AuthResponse(
            .ok, headers: [.contentType: "application/yaml"],
            body: Array(OpenAPIDocument.text(rows, providers: logins?.providers.map(\.settings.name) ?? []).utf8))
    }
}
