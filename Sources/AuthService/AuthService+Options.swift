public import AccessControl
public import Credentials
public import RegistryTokens
public import Sessions

extension AuthService {
    /// How the service behaves.
    public struct Options: Sendable {
        /// What the Basic challenge names.
        public var realm = "latchkey"
        /// Where clients get tokens that somebody else signs; nil for nowhere.
        public var bearerChallenge: BearerChallenge?
        /// The proxies whose forwarding headers are believed.
        public var trustedProxies: [IPNetwork] = []
        /// What those proxies set at each request of forward authentication: no other field is believed then, and a request without one of
        /// these is refused. Empty to go by what is there.
        public var forwardingFields: [ForwardingField] = []
        /// The origins whose pages may call zot's routes with credentials; empty for any, without.
        public var allowedOrigins: [WebOrigin] = []
        /// How many bytes the values of the identity headers of `/auth/verify` may have together. nginx's own buffer for an
        /// answer's head has 4 KiB on most machines, and a longer head is a 500 to it.
        public var maximumHeaderBytes = 3584
        /// Who may do what.
        public var access = AccessRules.open
        /// Who may act on others' keys: whom its `adminPolicy` names. Nil for nobody.
        public var administrators: AccessRules?
        /// Where requests with API keys are best decided: the store's own threads, where a look-up wakes no other one. Nil for anywhere.
        public var keyExecutor: (any TaskExecutor)?
        /// Signs the tokens of registries; nil to have no token endpoint.
        public var tokens: TokenIssuer?
        /// The providers that people log in with; nil to have none. Needs ``sessions``.
        public var logins: ProviderLogins?
        /// The origins that a browser may be sent to after a login, beside this server.
        public var returnOrigins: [WebOrigin] = []
        /// The names that the operator's rules give rights to: nobody gets one by a login at a provider who has not had it before.
        public var reservedNames = ReservedNames()
        /// Whether anybody can log in with a password: where nobody can, no page asks for one.
        public var takesPasswords = true
        /// Where making and ending keys, and ending others' sessions, by a session takes a login of the last ten minutes.
        public var freshLogin = FreshLogin.everywhere
        /// The sessions of browsers; nil to have none.
        public var sessions: BrowserSessions?
        /// What tells whether a name belongs to a person, for service accounts; nil to have none.
        public var owners: OwnerCheck?
        /// The names of client certificates, which nobody else may have; nil where there is no store to keep them.
        public var certificateNames: ClaimedNames?
        /// From how many networks a key may be used within an hour before that is worth an alert; 0 for any number.
        public var alertAfterNetworks = 10
        /// For how many keys that is counted at most; the ones that were used least recently are forgotten: some 200 bytes each.
        public var alertCapacity = 65_536
        /// Who may read `/metrics`; nil for anybody.
        public var metricsAccess: MetricsAccess?
        /// Whether the operators' routes have a listener of their own, and are left out of the main one.
        public var hasOperationsListener = false
        /// Whether what is in force is what the operator has set last: `/readyz` says degraded where it is not. Must not block.
        public var isCurrent: @Sendable () -> Bool = { true }
        /// How many bytes a request's body may have; nil for as many as its route takes at most: 8 KiB of JSON, 64 KiB of a form.
        public var maximumBodyBytes: Int?
        /// What else `/metrics` shows. Must not block.
        public var metrics: @Sendable () -> [Metric] = { [] }
        /// The usual behaviour.
        public init() {}
    }
}
