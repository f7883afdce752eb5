public import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// Asks providers by HTTP.
public struct HTTPTransport: ProviderTransport {
    /// The longest answer, in bytes: key sets and lists of groups have some kilobytes.
    static let maximumLength = 512 << 10
    /// The time that one may take, to its last byte.
    static let deadline = TimeAmount.seconds(10)

    private let client: HTTPClient

    /// - Parameter client: asks; who made it shuts it down. It must not follow redirections: a provider's answer stands where it was asked for.
    public init(_ client: HTTPClient) { self.client = client }

    package func send(_ request: ProviderRequest) async throws(LoginProblem) -> ProviderAnswer {
        var message = HTTPClientRequest(url: request.url)
        message.method = HTTPMethod(rawValue: request.method.rawValue)
        for (name, value) in request.headers { message.headers.add(name: name, value: value) }
        if let form = request.form {
            message.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            message.body = .bytes(ByteBuffer(string: form))
        }
        do {
            let response = try await client.execute(message, timeout: Self.deadline)
            let body = try await response.body.collect(upTo: Self.maximumLength)
            var answer = ProviderAnswer(status: Int(response.status.code), body: Array(body.readableBytesView))
            answer.fields = response.headers.map { ($0.name, $0.value) }
            return answer
        } catch is NIOTooManyBytesError {
            throw .unreachable("its answer is longer than \(Self.maximumLength) bytes")
        } catch let error as HTTPClientError where error == .deadlineExceeded {
            throw .unreachable("no whole answer came within \(Self.deadline.nanoseconds / 1_000_000_000) s")
        } catch let error as NIOConnectionError {
            throw .unreachable(Self.words(error.connectionErrors.first?.error ?? error.dnsAError ?? error))
        } catch {
            throw .unreachable(Self.words(error))
        }
    }

    /// The system's words where there are any; a library's own may hold what was sent.
    private static func words(_ error: any Error) -> String {
        (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(type(of: error))"
    }
}
