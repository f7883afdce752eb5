public import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Asks providers by HTTP.
public struct HTTPTransport: ProviderTransport {
    /// The longest answer, in bytes: a token of the longest, twice.
    static let maximumLength = 2 << 20
    /// The time that one may take: for the connection, the head and the body, to its last byte.
    static let deadline = Duration.seconds(10)

    /// What asks for an address; nil at the end of the server.
    private let client: @Sendable (_ url: String) -> HTTPClient?
    private let diagnose: @Sendable (_ url: String) async -> String?
    private let deadline: Duration

    /// - Parameter client: asks; who made it shuts it down. It must not follow redirections: a provider's answer stands where it was asked for.
    public init(_ client: HTTPClient) {
        self.init(client: { _ in client }, diagnose: { _ in nil })
    }

    /// - Parameters:
    ///   - client: what asks for an address: one that goes through a proxy, or not; nil if nothing is asked any more.
    ///   - diagnose: finds out what is wrong with the certificate of the server at an address, where TLS has failed; nil for nothing.
    ///   - deadline: the time that an answer may take.
    package init(
        client: @escaping @Sendable (_ url: String) -> HTTPClient?,
        diagnose: @escaping @Sendable (_ url: String) async -> String?, deadline: Duration = Self.usualDeadline
    ) {
        (self.client, self.diagnose, self.deadline) = (client, diagnose, deadline)
    }

    /// The time that an answer may take.
    package static var usualDeadline: Duration { deadline }

    package func send(_ request: ProviderRequest) async throws(LoginProblem) -> ProviderAnswer {
        var message = HTTPClientRequest(url: request.url)
        message.method = HTTPMethod(rawValue: request.method.rawValue)
        for (name, value) in request.headers { message.headers.add(name: name, value: value) }
        if let form = request.form {
            message.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            message.body = .bytes(ByteBuffer(string: form))
        }
        guard let client = client(request.url) else { throw .unreachable("the server is stopping") }
        // The client's own deadline ends with the head. Cancelling the work closes the connection.
        let result = await TimeLimit.wait(deadline) { [message, deadline] in
            await Self.answer(to: message, client, deadline)
        }
        switch result {
        case .success(let answer)?: return answer
        case .failure(let failure)?: throw await problem(failure, request.url)
        case nil: throw .unreachable(late)
        }
    }

    private static func answer(
        to message: HTTPClientRequest, _ client: HTTPClient, _ deadline: Duration
    ) async -> Result<ProviderAnswer, any Error> {
        do {
            let response = try await client.execute(message, timeout: TimeAmount(deadline))
            let body = try await response.body.collect(upTo: maximumLength)
            var answer = ProviderAnswer(status: Int(response.status.code), body: Array(body.readableBytesView))
            answer.fields = response.headers.map { ($0.name, $0.value) }
            return .success(answer)
        } catch {
            return .failure(error)
        }
    }

    private var late: String { "no whole answer came within \(deadline.components.seconds) s" }

    private func problem(_ failure: any Error, _ url: String) async -> LoginProblem {
        switch failure {
        case is NIOTooManyBytesError: return .unreachable("its answer is longer than \(Self.maximumLength) bytes")
        case let error as HTTPClientError where error == .deadlineExceeded || error == .connectTimeout:
            return .unreachable(late)
        case let error as NIOConnectionError:
            return .unreachable(Self.words(error.connectionErrors.first?.error ?? error.dnsAError ?? error))
        case NIOSSLError.uncleanShutdown: return .unreachable(Self.closed)
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            // What the library says of a certificate is a number: look at it.
            return .unreachable(await diagnose(url) ?? "TLS with it fails")
        default: return .unreachable(Self.words(failure))
        }
    }

    private static let closed = "it closed the connection before its answer was whole"

    /// The system's words where there are any; a library's own may hold what was sent.
    private static func words(_ error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case let error as HTTPClientError where error == .remoteConnectionClosed:
            closed
        case let error as HTTPClientError where error == .cancelled || error == .alreadyShutdown:
            "this server is stopping"
        case let error as HTTPClientError where error == .proxyAuthenticationRequired:
            "the proxy asks who this server is: write user and password into HTTPS_PROXY"
        case let error as HTTPClientError where error == .invalidProxyResponse:
            "the proxy does not let it through"
        case is HTTPParserError: "its answer is no HTTP"
        case is SocketAddressError: "its name is not known: check the name and the DNS"
        default: "\(type(of: error))"
        }
    }
}
