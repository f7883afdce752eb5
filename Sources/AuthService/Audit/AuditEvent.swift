public import Credentials
public import struct Foundation.Date
public import struct Foundation.UUID

/// One decision, for the log and the audit trail. Holds no secret.
public struct AuditEvent: Sendable {
    /// What happened.
    public enum Action: Sendable, Hashable {
        /// A credential was somebody's.
        case login(Principal)
        /// A credential was nobody's.
        case refusal(RefusalReason)
        /// Whoever it is may not do what they asked for; nil for nobody in particular. The reason names the rule.
        case denied(Principal?, reason: String)
        /// Whose a credential is could not be found out.
        case unavailable(SourceFailure)
        /// A credential came too soon after failures, and was not looked at.
        case throttled(Duration)
        /// A key was created; for another person or a service account if an owner is named.
        case keyCreated(by: Principal, id: UUID, owner: UserName?)
        /// A key was revoked; another's if an owner is named.
        case keyRevoked(by: Principal, id: UUID, owner: UserName?)
        /// Another's key was restored that had ended because a file had its owner no more.
        case keyRestored(by: Principal, id: UUID, owner: UserName)
        /// A key was rotated.
        case keyRotated(by: Principal, id: UUID, successor: UUID)
        /// Somebody who had the key ended it.
        case keyReported(id: UUID, owner: UserName)
        /// Somebody has logged in with a browser.
        case sessionBegun(Principal, id: UUID)
        /// A login by a provider has failed.
        case loginFailed(provider: String, reason: String)
        /// Somebody has logged in by a provider that has not told all of their groups.
        case loginIncomplete(provider: String, reason: String)
        /// A provider has ended sessions, and keys where the operator says so.
        case providerLogout(provider: String, sessions: [UUID], keys: [UUID])
        /// A session was ended; another's if an owner is named.
        case sessionEnded(id: UUID, owner: UserName?)
        /// Something that somebody should look at.
        case alert(AuditAlert)

        /// Groups of somebody were not handed on, as there was no room for all (`maximumHeaderBytes`).
        case groupsLeftOut(of: Principal, count: Int)
        /// An operator had what was remembered of somebody forgotten.
        case forgotten

        /// A stable word for the log.
        public var name: String {
            switch self {
            case .login: "login"
            case .refusal: "refusal"
            case .denied: "denied"
            case .unavailable: "unavailable"
            case .throttled: "throttled"
            case .keyCreated: "key-created"
            case .keyRevoked: "key-revoked"
            case .keyRestored: "key-restored"
            case .keyRotated: "key-rotated"
            case .keyReported: "key-reported"
            case .sessionBegun: "session-begun"
            case .sessionEnded: "session-ended"
            case .loginFailed: "login-failed"
            case .loginIncomplete: "login-incomplete"
            case .providerLogout: "provider-logout"
            case .alert: "alert"
            case .groupsLeftOut: "groups-left-out"
            case .forgotten: "forgotten"
            }
        }
    }

    /// When.
    public let time: Date
    /// What.
    public let action: Action
    /// The user name: canonical if it is known, else as the client sent it; nil if it sent none that can be read.
    public let userName: UserName?
    /// The client's address; nil behind a Unix socket.
    public let client: IPAddress?
    /// The path that was asked for.
    public let path: String
    /// The request's id: the proxy's `X-Request-Id`, or one made here.
    public let requestID: String
}

/// Where decisions go. Called on event loops: it must not block.
public typealias AuditSink = @Sendable (AuditEvent) -> Void
