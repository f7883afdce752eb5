import APIKeys
import Credentials
import RegistryTokens
import Sessions

/// Who a request comes from: by its credential, by what stands for an API key, or by the certificate of its connection.
extension AuthService {
    /// Finds out who it is, and has the handler answer if they meet the route's demand.
    /// - Parameter answer: the handler; nil from it is a challenge.
    func identified(
        _ request: AuthRequest, _ route: Route, _ credential: PresentedCredential? = nil,
        _ answer: (Principal?) async -> AuthResponse?
    ) async -> HeldResponse {
        let held = await identify(
            request, route, credential ?? presented(request)
        ) { principal, token in
            var response: AuthResponse
            if let refusal = refusal(route, request, principal, nil, isFresh: true) {
                response = refusal
            } else if let principal, let refusal = await refusalOfStaleLogin(route, request, principal) {
                response = refusal
            } else {
                response = await answer(principal) ?? unauthorized(request)
            }
            // What a proxy is told does not come to the browser, or to one that is at another host.
            if let token, !route.isForwardAuth { sessions?.tidy(request, keeping: token, &response) }
            return response
        }
        return HeldResponse(finished(held.response, route, request), hold: held.hold)
    }

    /// What a request shows of who it comes from. Its cookies count only where nothing else does: a browser sends them by itself.
    func presented(_ request: AuthRequest) -> PresentedCredential {
        let header = AuthorizationHeader(request.fields)
        guard case .absent = header, let tokens = sessions?.tokens(of: request), !tokens.isEmpty else {
            return .header(header)
        }
        return .session(tokens)
    }

    private func identify(
        _ request: AuthRequest, _ route: Route, _ credential: PresentedCredential,
        _ answer: (Principal?, SessionToken?) async -> AuthResponse
    ) async -> HeldResponse {
        let decision: Decision
        var (user, token): (UserName?, SessionToken?)
        switch credential {
        case .header(.absent):
            guard let certificate = request.certificate else { return HeldResponse(await answer(nil, nil)) }
            decision = await decide(on: certificate, arrived: request.arrived)
        case .header(.malformed):
            decision = resolver.refuse(.malformedHeader, arrived: request.arrived)
        case .session(let tokens):
            let judged = await sessions?.judge(tokens)
            token = judged?.token
            switch judged?.verdict {
            case .authenticated(let principal): decision = counted(.authenticated(principal))
            case .unavailable(let failure): decision = counted(.unavailable(failure))
            // A browser sends its cookie by itself: one that is over is no credential, and no attempt either.
            case .rejected, .unknownUser, nil:
                return await identify(request, route, .header(.absent), answer)
            }
        case .refresh(let content): decision = await decide(on: content?.holder, arrived: request.arrived)
        case .header(.credential(let credential)):
            user = credential.claimedName
            decision = await resolver.decide(
                credential, from: forwarding.client(of: request), arrived: request.arrived)
        }
        switch decision.outcome {
        case .authenticated(let principal):
            return HeldResponse(await answer(principal, token))
        case .refused(let reason):
            if route.demand == .keyRotation, reason == .keyRotated || reason == .keyRevoked {
                await reportReuse(request)
            }
            record(.refusal(reason), user: user, request)
            return HeldResponse(unauthorized(request), hold: decision.hold)
        case .unavailable(let failure):
            record(.unavailable(failure), user: user, request)
            return HeldResponse(.unavailable())
        case .throttled(let wait):
            record(.throttled(wait), user: user, request)
            return HeldResponse(.tooManyRequests(after: wait))
        }
    }

    /// Who has shown a certificate, if nobody else has the name. Whom a file or a directory knows by it is meant by whoever has made the certificate; a
    /// service account, and somebody at a provider, is somebody else.
    private func decide(on certificate: ClientCertificate, arrived: ContinuousClock.Instant) async -> Decision {
        guard let principal = Self.principal(certificate) else {
            return resolver.refuse(.unusableCertificate, arrived: arrived)
        }
        guard let certificateNames, let owners, !certificateNames.isKnown(principal.userName) else {
            return Decision(.authenticated(principal))
        }
        let failure = SourceFailure(
            .unreachable, detail: "nobody could say whether the name of a certificate is somebody else's")
        do throws(SourceFailure) {
            switch await owners.isFree(userName: principal.userName, besides: .certificate, asksAll: false) {
            case true?: break
            case false?: return resolver.refuse(.nameTaken, arrived: arrived)
            case nil: throw failure
            }
            guard try await certificateNames.claim(principal.userName) else {
                return resolver.refuse(.nameTaken, arrived: arrived)
            }
            return Decision(.authenticated(principal))
        } catch {
            return counted(.unavailable(error))
        }
    }

    /// Who has shown a certificate. A name that no source would take is none here either.
    static func principal(_ certificate: ClientCertificate) -> Principal? {
        guard case .user(let text) = certificate, let name = try? UserName(exactly: text) else { return nil }
        return Principal(userName: name, source: .certificate, method: .certificate)
    }

    private func counted(_ outcome: Outcome) -> Decision {
        resolver.metrics.count(outcome)
        return Decision(outcome)
    }

    /// Finds out whose refresh token it is, if what it stands for is still good.
    private func decide(on holder: RefreshToken.Holder?, arrived: ContinuousClock.Instant) async -> Decision {
        let verdict: Verdict
        switch holder {
        case .key(let digest):
            guard let digest = APIKeyDigest(hexadecimal: digest), let keySource else {
                return resolver.refuse(.unknownKey, arrived: arrived)
            }
            verdict = await keySource.judge(digest: digest)
        case .person(let userName, let source, let identity, let state):
            verdict =
                await owners?.judge(
                    userName: userName, source: SourceName(rawValue: source), identity: identity, passwordState: state)
                ?? .unknownUser
        case nil: return resolver.refuse(.unknownKey, arrived: arrived)
        }
        switch verdict {
        case .authenticated(let principal): return counted(.authenticated(principal))
        case .unavailable(let failure): return counted(.unavailable(failure))
        case .rejected(let reason, _): return resolver.refuse(reason, arrived: arrived)
        case .unknownUser: return resolver.refuse(.unknownKey, arrived: arrived)
        }
    }
}
