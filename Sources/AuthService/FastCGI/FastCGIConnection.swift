/// One connection of a web server that speaks FastCGI with an authorizer (specification 1.0, 6.3): bytes in, bytes and requests out. It does no input or
/// output, so that each transition can be tested alone.
///
/// One request at a time; a second one that begins meanwhile is told so, as a web server that asked (`FCGI_MPXS_CONNS`) knows beforehand. What one
/// request may send is bounded.
public struct FastCGIConnection: Sendable {
    /// What the owner of the connection does next.
    public enum Action: Sendable, Equatable {
        /// Write these bytes.
        case write([UInt8])
        /// Find the answer to what the web server asks about, and tell it to ``finish(_:)``. Its variables, by name.
        case answer([String: String])
        /// Nobody waits for that answer any more.
        case cancel
        /// Close the connection once everything is written.
        case close
    }

    /// How many bytes the variables of one request may have together.
    public static let maximumParameters = 131_072

    /// The protocol's own status of a request (5.5).
    private enum ProtocolStatus: UInt8 {
        case complete = 0
        case cannotMultiplex = 1
        case unknownRole = 3
    }

    private enum State {
        case idle
        case collecting(request: UInt16, keepsConnection: Bool, parameters: [UInt8])
        case answering(request: UInt16, keepsConnection: Bool)
        case closed
    }

    private static let authorizer = 2
    private static let keepConnection: UInt8 = 1

    private var state = State.idle
    /// A record that has not all come.
    private var rest: ArraySlice<UInt8> = []

    /// A connection on which nothing has been said.
    public init() {}

    /// Takes what has come.
    /// - Parameter bytes: what has come.
    /// - Returns: what to do, in this order.
    /// - Throws: ``FastCGIProblem`` if it is no FastCGI, or too much: the connection must be closed.
    public mutating func receive(_ bytes: some Sequence<UInt8>) throws(FastCGIProblem) -> [Action] {
        // Copied to a new array: a slice would keep all that ever came.
        rest = (Array(rest) + bytes)[...]
        var actions: [Action] = []
        while !isClosed, let record = try FastCGIRecord(readingFrom: &rest) { try take(record, &actions) }
        return actions
    }

    /// Answers the request that was handed out.
    /// - Parameter response: what Latchkey says of it.
    /// - Returns: what to do; nothing if the request was aborted meanwhile.
    public mutating func finish(_ response: AuthResponse) -> [Action] {
        guard case .answering(let request, let keepsConnection) = state else { return [] }
        var bytes: [UInt8] = []
        var output = FastCGIResponse.bytes(of: response)[...]
        while !output.isEmpty {
            FastCGIRecord(.standardOutput, request: request, content: output.prefix(65_528)).append(to: &bytes)
            output = output.dropFirst(65_528)
        }
        FastCGIRecord(.standardOutput, request: request).append(to: &bytes)
        Self.appendEnd(of: request, .complete, to: &bytes)
        state = keepsConnection ? .idle : .closed
        return keepsConnection ? [.write(bytes)] : [.write(bytes), .close]
    }

    private var isClosed: Bool { if case .closed = state { true } else { false } }

    private mutating func take(_ record: FastCGIRecord, _ actions: inout [Action]) throws(FastCGIProblem) {
        switch (record.kind, state) {
        case (.getValues, _) where record.request == 0: actions.append(.write(try values(record.content)))
        case (nil, _), (.getValuesResult, _), (.unknownType, _):
            guard record.request == 0 else { return }
            var bytes: [UInt8] = []
            FastCGIRecord(.unknownType, request: 0, content: [record.type, 0, 0, 0, 0, 0, 0, 0]).append(to: &bytes)
            actions.append(.write(bytes))
        case (.beginRequest, _): try begin(record, &actions)
        case (.parameters, .collecting(record.request, let keepsConnection, var parameters)):
            guard !record.content.isEmpty else {
                state = .answering(request: record.request, keepsConnection: keepsConnection)
                actions.append(.answer(try FastCGIParameters.read(parameters[...])))
                return
            }
            guard parameters.count + record.content.count <= Self.maximumParameters else {
                throw FastCGIProblem("parameters of over \(Self.maximumParameters) bytes")
            }
            // Lets go of the state's copy first: they are appended to in place.
            state = .idle
            parameters += record.content
            state = .collecting(request: record.request, keepsConnection: keepsConnection, parameters: parameters)
        case (.abortRequest, .collecting(record.request, let keepsConnection, _)):
            abort(record.request, keepsConnection, &actions)
        case (.abortRequest, .answering(record.request, let keepsConnection)):
            actions.append(.cancel)
            abort(record.request, keepsConnection, &actions)
        // Streams that an authorizer does not read, and what is said of requests that have ended (3.3).
        default: break
        }
    }

    private mutating func begin(_ record: FastCGIRecord, _ actions: inout [Action]) throws(FastCGIProblem) {
        guard record.request != 0, record.content.count >= 3 else {
            throw FastCGIProblem("a request that does not begin as one")
        }
        let start = record.content.startIndex
        let role = Int(record.content[start]) << 8 | Int(record.content[start + 1])
        let keepsConnection = record.content[start + 2] & Self.keepConnection != 0
        guard case .idle = state else {
            var bytes: [UInt8] = []
            Self.appendEnd(of: record.request, .cannotMultiplex, to: &bytes)
            actions.append(.write(bytes))
            return
        }
        guard role == Self.authorizer else {
            var bytes: [UInt8] = []
            Self.appendEnd(of: record.request, .unknownRole, to: &bytes)
            actions.append(.write(bytes))
            if !keepsConnection {
                state = .closed
                actions.append(.close)
            }
            return
        }
        state = .collecting(request: record.request, keepsConnection: keepsConnection, parameters: [])
    }

    private mutating func abort(_ request: UInt16, _ keepsConnection: Bool, _ actions: inout [Action]) {
        var bytes: [UInt8] = []
        Self.appendEnd(of: request, .complete, to: &bytes)
        actions.append(.write(bytes))
        state = keepsConnection ? .idle : .closed
        if !keepsConnection { actions.append(.close) }
    }

    /// What a web server may want to know beforehand (4.1).
    private func values(_ asked: ArraySlice<UInt8>) throws(FastCGIProblem) -> [UInt8] {
        let names = try FastCGIParameters.read(asked).keys
        var (content, bytes): ([UInt8], [UInt8]) = ([], [])
        if names.contains("FCGI_MPXS_CONNS") { FastCGIParameters.append("FCGI_MPXS_CONNS", "0", to: &content) }
        FastCGIRecord(.getValuesResult, request: 0, content: content[...]).append(to: &bytes)
        return bytes
    }

    private static func appendEnd(of request: UInt16, _ status: ProtocolStatus, to bytes: inout [UInt8]) {
        FastCGIRecord(.endRequest, request: request, content: [0, 0, 0, 0, status.rawValue, 0, 0, 0]).append(to: &bytes)
    }
}
