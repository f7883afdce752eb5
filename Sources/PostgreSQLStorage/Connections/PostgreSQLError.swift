import Credentials

/// What a statement or a connection came to instead of an answer. Holds no values and no password.
struct PostgreSQLError: Error, Sendable {
    enum Kind: Sendable {
        /// There is no connection, or it broke. Whether a statement that was sent took effect nobody knows.
        case unreachable
        /// A deadline passed; the connection is given up.
        case timedOut
        /// The server answered, and refused.
        case refused
    }

    let kind: Kind
    /// SQLSTATE (PostgreSQL's documentation, appendix A); empty where the server has not spoken.
    let state: String
    let message: String
    /// Whether the statement had been sent when it happened.
    var wasSent = true

    /// Whether the same statement may succeed on another connection: this one leads to a server that can't write, or stops.
    var isOfServer: Bool { kind != .refused || state.hasPrefix("57P") || state == "25006" || state.hasPrefix("53") }

    /// Whether the database is away: not reached, or stopping or starting.
    var isOutage: Bool { kind != .refused || state.hasPrefix("57P") }

    var failure: SourceFailure {
        switch kind {
        case .unreachable: SourceFailure(.unreachable, detail: "PostgreSQL can't be reached: \(message)")
        case .timedOut: SourceFailure(.timedOut, detail: "PostgreSQL did not answer in time: \(message)")
        case .refused where isOfServer: SourceFailure(.unreachable, detail: "PostgreSQL is not ready: \(message)")
        case .refused: SourceFailure(.internal, detail: "PostgreSQL refused a statement (\(state)): \(message)")
        }
    }
}
