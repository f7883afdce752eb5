import APIKeys
import Credentials
import Foundation
import HTTPTypes
import Sessions

/// The account page: who somebody is, their keys and their sessions.
extension AuthService {
    /// How long ago somebody must have shown who they are, to make or end keys.
    private static let freshness: TimeInterval = 600

    /// Shows the page.
    func accountPage(_ request: AuthRequest, _ principal: Principal) async -> AuthResponse {
        let noticed = ["rotated", "revoked", "ended"].first { request.queryValues("done") == [$0] }
        return await accountPage(request, principal, noticed.map { ["notice": $0] } ?? [:])
    }

    /// Takes what one of its forms sends.
    func actOnAccount(_ request: AuthRequest, _ principal: Principal, _ body: BodyReader) async -> AuthResponse {
        let form: AccountForm
        do {
            guard let bytes = try await body(bodyLimit(AccountForm.maximumLength)) else {
                return await accountPage(request, principal, ["problem": "badForm"], .contentTooLarge)
            }
            form = AccountForm(bytes, at: ring?.now ?? .now)
        } catch {
            return .badRequest("the body could not be read")
        }
        guard let sessions, let token = sessions.token(of: request), isFromOwnPage(request),
            FormToken.isRight(form.token, token)
        else { return await accountPage(request, principal, ["problem": "foreign"], .forbidden) }
        guard let action = form.action else {
            return await accountPage(request, principal, ["problem": "badForm"], .badRequest)
        }
        do {
            switch action {
            case .endSession, .endOthers: return try await end(action, sessions, principal, request)
            case .create, .rotate, .revoke:
                guard try await isFresh(sessions, principal) else { return again() }
                return try await act(action, principal, request)
            }
        } catch let problem as NewAPIKey.Problem {
            return await accountPage(request, principal, ["problem": problem.message], .badRequest)
        } catch KeyRequestError.policy(let rule) {
            return await accountPage(request, principal, ["problem": Self.reason(rule)], .badRequest)
        } catch {
            if let failure = error as? SourceFailure {
                record(.unavailable(failure), user: principal.userName, request)
            }
            return await accountPage(request, principal, ["problem": "unavailable"], .serviceUnavailable)
        }
    }

    private func act(
        _ action: AccountForm.Action, _ principal: Principal, _ request: AuthRequest
    ) async throws -> AuthResponse {
        guard let ring else { return .notFound("there is nothing at this path") }
        let (owner, agent) = (
            CredentialOwner(principal), String((request.field(FieldNames.userAgent) ?? "").prefix(512))
        )
        switch action {
        case .create(let body):
            let new = try NewAPIKey.read(body, at: ring.now)
            let (record, key) = try await ring.create(
                owner: principal, label: new.label, scopes: new.scopes,
                expirationDate: new.expirationDate(ring.policy, at: ring.now), userAgent: agent)
            self.record(.keyCreated(by: principal, id: record.id, owner: nil), user: principal.userName, request)
            return await accountPage(request, principal, ["notice": "created", "key": key.text], .created)
        case .rotate(let id):
            switch try await ring.rotate(.own(id, owner), overlap: APIKeyRing.usualOverlap, userAgent: agent) {
            case .done(let record, let key):
                self.record(.keyRotated(by: principal, id: id, successor: record.id), user: principal.userName, request)
                return await accountPage(request, principal, ["notice": "rotated", "key": key.text], .created)
            case .unknown, .expired: return await accountPage(request, principal, ["problem": "noKey"], .notFound)
            case .forbidden(let rule): throw KeyRequestError.policy(rule)
            case .reused(let family):
                noteReuse(family, user: principal.userName, request)
                return await accountPage(request, principal, ["problem": "reused"], .conflict)
            }
        case .revoke(let id):
            guard try await !ring.revoke(.own(id, owner), cause: .owner).isEmpty else {
                return await accountPage(request, principal, ["problem": "noKey"], .notFound)
            }
            self.record(.keyRevoked(by: principal, id: id, owner: nil), user: principal.userName, request)
            return done("revoked")
        case .endSession, .endOthers: return done("ended")
        }
    }

    private func end(
        _ action: AccountForm.Action, _ sessions: BrowserSessions, _ principal: Principal, _ request: AuthRequest
    ) async throws -> AuthResponse {
        let owner = CredentialOwner(principal)
        var ids: [UUID] = []
        if case .endSession(let id) = action { ids = [id] }
        if case .endOthers = action {
            ids = try await sessions.manager.sessions(.all(owner)).map(\.id).filter {
                .session(id: $0) != principal.method
            }
        }
        for id in ids {
            for ended in try await sessions.manager.end(.own(id, owner)) {
                record(.sessionEnded(id: ended.id, owner: nil), user: principal.userName, request)
            }
        }
        return done("ended")
    }

    /// Whether somebody has shown who they are a short while ago.
    private func isFresh(_ sessions: BrowserSessions, _ principal: Principal) async throws(SourceFailure) -> Bool {
        guard case .session(let id) = principal.method,
            let session = try await sessions.manager.sessions(.one(id)).first
        else { return false }
        return Date.now.timeIntervalSince(session.authenticatedAt) < Self.freshness
    }

    /// Has somebody show anew who they are.
    private func again() -> AuthResponse {
        AuthResponse(
            .seeOther,
            headers: [
                .location: Self.loginPath + "?" + FormText.encode([("again", "1"), ("rd", Self.accountPath)]),
                .cacheControl: "no-store",
            ])
    }

    /// Leads back to the page, so that loading it again does nothing again.
    private func done(_ what: String) -> AuthResponse {
        AuthResponse(.seeOther, headers: [.location: "\(Self.accountPath)?done=\(what)", .cacheControl: "no-store"])
    }

    private func accountPage(
        _ request: AuthRequest, _ principal: Principal, _ told: [String: String], _ status: HTTPResponse.Status = .ok
    ) async -> AuthResponse {
        let words = PageWords.language(request.field("Accept-Language")).words
        var values: [String: Any] = [
            "userName": principal.userName, "source": principal.source.rawValue, "logout": Self.logoutPath,
            "action": Self.accountPath, "groups": principal.groups.map { ["name": $0.name] },
        ]
        if let name = principal.displayName { values["displayName"] = name }
        if let email = principal.email { values["email"] = email }
        if let token = sessions?.token(of: request) { values["token"] = FormToken.make(token) }
        for name in ["notice", "problem"] {
            if let word = told[name] { values[name] = words["\(name).\(word)"] ?? words[word] ?? word }
        }
        if let key = told["key"] { values["key"] = key }
        do throws(SourceFailure) {
            if let ring {
                let now = ring.now
                values["hasKeys"] = true
                let keys = try await ring.records(.all(CredentialOwner(principal))).reversed()
                values["keys"] = keys.map { AccountView.row($0, ring, words, at: now) }
                values["hasAnyKey"] = !keys.isEmpty
                values["lifetimes"] = AccountView.lifetimes(ring.policy, words)
                if let longest = ring.policy.maxLifetime {
                    values["limit"] =
                        "\(words["limit"] ?? "") \(Int(longest / .seconds(86_400))) \(words["days"] ?? "")"
                }
                if !ring.policy.allowedScopes.isEmpty {
                    values["allowed"] = ring.policy.allowedScopes.map(\.text).joined(separator: ", ")
                }
            }
            if let sessions {
                var current: UUID?
                if case .session(let id) = principal.method { current = id }
                values["sessions"] = try await sessions.manager.sessions(.all(CredentialOwner(principal))).map {
                    AccountView.row($0, current: current)
                }
            }
        } catch {
            record(.unavailable(error), user: principal.userName, request)
            return failurePage(request, .serviceUnavailable, "unavailable", .unavailable())
        }
        return Page(name: .account, status: status, title: "account", values: values).response(
            to: request, realm: realm)
    }
}
