import Foundation
import HTTPTypes

/// An error in the registry's own form (OCI distribution specification, "Error codes"): its clients show the message.
struct ErrorBody: Encodable {
    struct Item: Encodable {
        var code: String
        var message: String
        var detail: [String: String]
    }

    var errors: [Item]

    /// An answer with one error.
    static func response(
        _ status: HTTPResponse.Status, _ code: String, _ message: String, headers: HTTPFields = [:],
        detail: [String: String] = [:]
    ) -> AuthResponse {
        .json(status, ErrorBody(errors: [Item(code: code, message: message, detail: detail)]), headers: headers)
    }
}

extension AuthResponse {
    /// An answer with a JSON body, which nobody may keep: it is for the one who asked.
    static func json(
        _ status: HTTPResponse.Status, _ value: some Encodable, headers: HTTPFields = [:]
    ) -> AuthResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        // Encoding plain values of strings can't fail; were it to, an empty object is still JSON.
        let body = (try? encoder.encode(value)).map { Array($0) } ?? Array("{}".utf8)
        var headers = headers
        headers[.contentType] = "application/json"
        headers[.cacheControl] = "no-store"
        return AuthResponse(status, headers: headers, body: body)
    }

    /// 405 with what is allowed.
    static func methodNotAllowed(_ entry: RouteTable.Entry) -> AuthResponse {
        ErrorBody.response(
            .methodNotAllowed, "UNSUPPORTED", "this path takes \(entry.allow)", headers: [.allow: entry.allow])
    }

    /// 404.
    static func notFound(_ message: String) -> AuthResponse {
        ErrorBody.response(.notFound, "NOT_FOUND", message)
    }

    /// 400, which a server answers by itself to a request that it can't read.
    /// - Parameter message: what is wrong with it.
    /// - Returns: the answer, with the message in a body of the registry's form.
    public static func badRequest(_ message: String) -> AuthResponse {
        ErrorBody.response(.badRequest, "BAD_REQUEST", message)
    }

    /// 204: what a server answers by itself to a question about the whole of it (`OPTIONS *`).
    public static let nothingToSay = AuthResponse(.noContent)

    /// 405, which a server answers by itself to `CONNECT`: it is no proxy.
    public static let connectsNobody = ErrorBody.response(
        .methodNotAllowed, "UNSUPPORTED", "this server is no proxy, and connects to nobody",
        headers: [.allow: "GET, HEAD, POST, DELETE, OPTIONS"])

    /// 431, which a server answers by itself.
    /// - Parameters:
    ///   - bytes: how long a request's line and its fields may be together.
    ///   - fields: how many fields it may have.
    /// - Returns: the answer, with both in a body of the registry's form.
    public static func headerTooLarge(bytes: Int, fields: Int) -> AuthResponse {
        ErrorBody.response(
            .requestHeaderFieldsTooLarge, "SIZE_INVALID",
            "a request may have \(fields) fields, and \(bytes) bytes in them and in its line")
    }

    /// 429, with the whole seconds after which the next attempt is looked at.
    static func tooManyRequests(after wait: Duration) -> AuthResponse {
        let seconds = wait.components.seconds + (wait.components.attoseconds > 0 ? 1 : 0)
        return ErrorBody.response(
            .tooManyRequests, "TOOMANYREQUESTS", "too many failed attempts: try again later",
            headers: [.retryAfter: String(max(1, seconds))])
    }

    /// 503, with the time after which trying again makes sense.
    static func unavailable() -> AuthResponse {
        ErrorBody.response(
            .serviceUnavailable, "UNAVAILABLE", "who you are can't be checked right now: try again",
            headers: [.retryAfter: "5"])
    }
}
