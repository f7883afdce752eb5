import AsyncHTTPClient
import Credentials
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Asks a server's key API.
struct LatchkeyClient: Sendable {
    /// An answer that is no success, as a person reads it.
    struct Refusal: Error, CustomStringConvertible {
        var status: UInt
        var description: String
    }

    /// What a server has answered.
    struct Answer {
        var body: Data
        /// The address of the next page.
        var next: String?
    }

    private static let maximumBody = 64 << 20
    private static let path = "/zot/auth/apikey"

    private let server: String
    private let authorization: String?
    private let client: HTTPClient

    /// - Parameters:
    ///   - server: the address, without a slash at its end.
    ///   - credential: who asks; nil for nobody.
    ///   - authorities: the path of a PEM file with the only authorities to trust.
    init(server: String, credential: BasicCredential?, authorities: String?) throws(ConfigurationError) {
        self.server = server
        authorization = credential.map {
            "Basic " + Data(Array("\($0.userName):".utf8) + $0.secret.bytes).base64EncodedString()
        }
        var tls = TLSConfiguration.makeClientConfiguration()
        if let authorities {
            guard FileManager.default.isReadableFile(atPath: authorities) else {
                throw ConfigurationError(
                    place: authorities, message: "can't be read: check the path and its permissions")
            }
            tls.trustRoots = .file(authorities)
        }
        // A redirection would take the password elsewhere.
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        // A person waits: a server that refuses the connection is told of at once, and not after tries for ten seconds.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Runs something and closes the connections after it.
    func closing<T>(_ body: () async throws -> T) async throws -> T {
        do {
            let value = try await body()
            try await client.shutdown()
            return value
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    /// Asks the key API.
    /// - Parameters:
    ///   - method: the method.
    ///   - suffix: what stands behind the path of the API.
    ///   - query: the parameters.
    ///   - body: the body.
    func keys(
        _ method: HTTPMethod, _ suffix: String = "", _ query: [(String, String)] = [], body: Data? = nil
    ) async throws -> Answer {
        let pairs = query.map { "\(Self.encode($0))=\(Self.encode($1))" }.joined(separator: "&")
        return try await ask(method, Self.path + suffix + (pairs.isEmpty ? "" : "?\(pairs)"), body: body)
    }

    /// Asks at a path.
    func ask(_ method: HTTPMethod, _ target: String, body: Data? = nil) async throws -> Answer {
        var request = HTTPClientRequest(url: server + target)
        request.method = method
        if let authorization { request.headers.add(name: "Authorization", value: authorization) }
        request.headers.add(name: "User-Agent", value: "latchkey/\(Version.current)")
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(data: body))
        }
        let response: HTTPClientResponse
        let content: Data
        do {
            response = try await client.execute(request, timeout: .seconds(30))
            content = Data(buffer: try await response.body.collect(upTo: Self.maximumBody))
        } catch {
            throw Refusal(status: 503, description: "\(server) can't be reached: \(Self.words(of: error))")
        }
        guard (200..<300).contains(response.status.code) else {
            throw Refusal(status: response.status.code, description: Self.message(response, content))
        }
        let next = response.headers.first(name: "Link").flatMap { $0.wholeMatch(of: /<([^>]+)>; rel="next"/) }
        return Answer(body: content, next: next.map { String($0.output.1) })
    }

    /// The system's words where there are any: the libraries' own tell of their insides.
    private static func words(of error: any Error) -> String {
        switch error {
        case let error as IOError: return String(cString: strerror(error.errnoCode))
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return words(of: first.error) }
            return "there is no address of \(error.host): is the name right, and the DNS reachable?"
        case is NIOSSLError, is NIOSSLExtraError:
            return "its certificate is not trusted, or is for another name: name its authority by --cacert"
        case let error as HTTPClientError: return error.shortDescription
        default: return "the connection broke"
        }
    }

    private static func message(_ response: HTTPClientResponse, _ body: Data) -> String {
        struct Body: Decodable {
            struct Item: Decodable {
                var message: String
                var detail: [String: String]?
            }
            var errors: [Item]
        }
        let error = (try? JSONDecoder().decode(Body.self, from: body))?.errors.first
        let text = [error?.message, error?.detail?["reason"]].compactMap(\.self).joined(separator: ": ")
        let wait = response.headers.first(name: "Retry-After").map { " (try again in \($0) s)" } ?? ""
        return "the server says \(response.status.code): \(text.isEmpty ? response.status.reasonPhrase : text)\(wait)"
    }

    /// What stands for itself in a query (RFC 3986, 2.3).
    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    private static func encode(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }
}
