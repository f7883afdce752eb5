import AuthService
import HTTPTypes
import NIOCore

/// Writes an answer as HTTP/1.1 has it (RFC 9112, 4), in one piece.
///
/// HTTPTypes lets no field value hold a line end, so what a value is can't become a second field.
enum ResponseWriter {
    /// What happens to the connection after the answer, as far as the client must be told.
    enum Connection {
        /// It goes on, as is usual.
        case usual
        /// It goes on, which a client of HTTP/1.0 must be told.
        case keptAlive
        /// It ends.
        case closing
    }

    /// Tells a client that it may send its body (RFC 9110, 15.2.1).
    static let goOn = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")

    /// Appends an answer.
    /// - Parameters:
    ///   - response: the answer.
    ///   - isBodyWanted: false for HEAD, whose answer says how long the body would be.
    ///   - connection: what happens to the connection.
    ///   - buffer: where to.
    static func append(
        _ response: AuthResponse, isBodyWanted: Bool, _ connection: Connection, to buffer: inout ByteBuffer
    ) {
        if response.status == .ok {
            buffer.writeStaticString("HTTP/1.1 200 OK\r\n")
        } else {
            buffer.writeString("HTTP/1.1 \(response.status.code) \(response.status.reasonPhrase)\r\n")
        }
        for field in response.headers {
            buffer.writeString(field.name.rawName)
            buffer.writeStaticString(": ")
            buffer.writeString(field.value)
            buffer.writeStaticString("\r\n")
        }
        switch connection {
        case .usual: break
        case .keptAlive: buffer.writeStaticString("Connection: keep-alive\r\n")
        case .closing: buffer.writeStaticString("Connection: close\r\n")
        }
        // RFC 9110, 8.6: none with 204.
        if response.status != .noContent {
            if response.body.isEmpty {
                buffer.writeStaticString("Content-Length: 0\r\n")
            } else {
                buffer.writeString("Content-Length: \(response.body.count)\r\n")
            }
        }
        buffer.writeStaticString("\r\n")
        if isBodyWanted { buffer.writeBytes(response.body) }
    }
}
