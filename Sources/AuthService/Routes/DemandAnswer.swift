import APIKeys
import AccessControl
import Credentials

/// What a route's demand makes of a request.
enum DemandAnswer: Sendable {
    /// It is met.
    case met
    /// The request must show first who it comes from.
    case challenged
    /// Whoever it is may not.
    case denied(String)
    /// Whoever it is may not even know whether there is such a thing.
    case hidden
    /// The request can't be read without guessing.
    case malformed(String)

    init(_ decision: AccessDecision, isAnonymous: Bool) {
        switch decision {
        case .allowed: self = .met
        case .denied(let denial): self = isAnonymous ? .challenged : .denied("\(denial)")
        }
    }
}

extension AuthService {
    /// Asks what a route demands.
    /// - Parameters:
    ///   - demand: what it demands.
    ///   - principal: who asks; nil for somebody who has not shown who they are.
    ///   - known: what the event loop keeps of them, if it does.
    func answer(
        to demand: Demand, _ request: AuthRequest, _ principal: Principal?, _ known: LoopMemory.Known? = nil
    ) -> DemandAnswer {
        if passwordsAreForKeys, principal?.method == .password, !demand.isForKeyManagement,
            !asksForSession(request, demand)
        {
            return .denied("a password is good for managing API keys alone here: use an API key")
        }
        if case .session? = principal?.method, let problem = problem(withSessionAt: request, demand) {
            return .denied(problem)
        }
        switch demand {
        case .nothing, .anybody: return .met
        case .page:
            if case .session? = principal?.method { return .met }
            return .challenged
        case .administration:
            guard let principal, case .session = principal.method else { return .challenged }
            return isAdministrator(principal) ? .met : .hidden
        case .principal: return principal == nil ? .challenged : .met
        case .login:
            guard principal == nil else { return .met }
            return access.letsAnonymousIn && !mustAskDocker(request, request.path) ? .met : .challenged
        case .token: return principal != nil || access.letsAnonymousIn ? .met : .challenged
        case .keyListing, .keyManagement, .keyRotation:
            guard let principal else { return .challenged }
            return answerForKeys(demand, request, principal)
        case .sessions:
            guard let principal else { return .challenged }
            return answerForSessions(request, principal)
        case .metrics:
            guard let metricsAccess else { return .met }
            guard let principal else { return .challenged }
            guard metricsAccess.users.contains(principal.userName) else {
                return .denied("the metrics are not for \(principal.userName): see accessControl.metrics")
            }
            return isLimited(principal)
                ? .denied("what is limited to some repositories has nothing to do with the metrics") : .met
        case .resource: return answerForResource(request, principal, known)
        }
    }

    private func answerForKeys(_ demand: Demand, _ request: AuthRequest, _ principal: Principal) -> DemandAnswer {
        // A key lives no longer than its owner, and nobody could say whether a certificate's is still there.
        switch principal.method {
        case .certificate where demand != .keyListing, .token where demand != .keyListing:
            return .denied("who comes by a certificate or a token has no API keys: no source vouches for them")
        default: break
        }
        if isLimited(principal) {
            switch (demand, principal.method) {
            // It sees itself alone.
            case (.keyListing, .apiKey): break
            case (.keyRotation, .apiKey(let id, _)) where KeyTarget.isItself(request, id): return .met
            case (_, .apiKey):
                return .denied("an API key that is limited by scopes can neither create nor revoke keys")
            default: return .denied("what is limited to some repositories has no API keys")
            }
            guard KeyTarget(request, principal).isOwn else { return .hidden }
        }
        guard !KeyTarget(request, principal).isOwn else { return .met }
        return isAdministrator(principal) ? .met : .hidden
    }

    private func answerForSessions(_ request: AuthRequest, _ principal: Principal) -> DemandAnswer {
        if isLimited(principal) {
            return .denied("what is limited to some repositories has nothing to do with sessions")
        }
        return KeyTarget(request, principal).isOwn || isAdministrator(principal) ? .met : .hidden
    }

    /// Whether somebody has come by what leaves them less than they may: a key with scopes, or a registry's token. One question for all doors that know no
    /// repository; the scope `*` leaves all.
    func isLimited(_ principal: Principal) -> Bool { !KeyScopes(of: principal.method).isUnlimited }

    /// Whether somebody may act on others' keys.
    func isAdministrator(_ principal: Principal) -> Bool {
        administrators.map { $0.isAdministrator($0.subject(principal)) } ?? false
    }

    /// Whether a route is for anybody, whatever credential they send.
    func demandsNothing(_ route: Route) -> Bool {
        route.demand == .nothing || route.demand == .metrics && metricsAccess?.isOpen ?? true
    }

    private func answerForResource(
        _ request: AuthRequest, _ principal: Principal?, _ known: LoopMemory.Known?
    ) -> DemandAnswer {
        do throws(RegistryRequest.Problem) {
            // In Envoy's path form path and query are the client's, and demand nothing.
            let query = try VerifyQuery(request.path == RouteTable.verifyPath ? request.query : "")
            if let refusal = answer(to: query, request, principal) { return refusal }
            let resource = try RequestedResource(query, request, forwarding)
            let subject = known.map { notes(of: $0).subject } ?? access.subject(principal)
            let decision: AccessDecision
            switch resource {
            case .unknown: decision = access.decideUnknownResource(subject)
            case .rights(let rights): decision = access.decide(subject, .rights(rights))
            case .registry(let original, let path):
                // docker sends its credential to the registry only when the ping asks for it.
                if principal == nil, original == .login, mustAskDocker(request, path) { return .challenged }
                decision = access.decide(subject, original)
            }
            return DemandAnswer(decision, isAnonymous: principal == nil)
        } catch {
            return .malformed("\(error)")
        }
    }

    /// Asks what is demanded beside rights on a resource.
    /// - Returns: nil if that is met.
    private func answer(to query: VerifyQuery, _ request: AuthRequest, _ principal: Principal?) -> DemandAnswer? {
        if !query.hosts.isEmpty {
            guard forwarding.isProxy(request), let host = OriginalHost(request, forwarding) else {
                return .malformed("host needs a trusted proxy that hands on which host was asked for")
            }
            guard query.hosts.contains(host) else { return .denied("the request is for another host than the rule") }
        }
        guard !query.groups.isEmpty else { return nil }
        guard let principal else { return .challenged }
        guard query.groups.contains(where: { access.isMember(principal, of: $0) }) else {
            return .denied(
                "\(principal.userName) is in none of the groups \(query.groups.map(\.text).joined(separator: ", "))")
        }
        return nil
    }

    /// Whether docker must be asked for its credential although anonymous is let in: it sends none on its own, and its user may
    /// have more rights with one (zot does the same).
    private func mustAskDocker(_ request: AuthRequest, _ path: Substring) -> Bool {
        guard access.isMixed, path == "/v2/" || path == "/v2",
            let agent = request.field(FieldNames.userAgent)
        else { return false }
        return agent.contains("Docker-Client") || agent.hasPrefix("docker/")
    }
}
