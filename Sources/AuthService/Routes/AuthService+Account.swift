import APIKeys
import Credentials
import Foundation
import HTTPTypes
import Sessions

/// The account page: who somebody is, their keys and their sessions.
extension AuthService {
    /// Shows the page.
    func accountPage(_ request: AuthRequest, _ principal: Principal) async -> AuthResponse {
        if let home = leadHome(request) { return home }
        guard request.path == Self.accountPath else {
            return AuthResponse(.seeOther, headers: [.location: Self.accountPath, .cacheControl: "no-store"])
        }
        let noticed = ["rotated", "revoked", "ended"].first { request.queryValues("done") == [$0] }
        return await accountPage(request, principal, noticed.map { ["notice": $0] } ?? [:])
    }

    /// Takes what one of its forms sends.
    func actOnAccount(_ request: AuthRequest, _ principal: Principal, _ body: BodyReader) async -> AuthResponse {
        await act(.page, request, principal, body) {
            await accountPage(request, principal, $0, $1)
        } perform: { form, action in
            // The forms of the other page name somebody.
            guard form.user.isEmpty else { return nil }
            return try await act(action, principal, request)
        }
    }

    private func act(
        _ action: AccountForm.Action, _ principal: Principal, _ request: AuthRequest
    ) async throws -> AuthResponse? {
        guard let ring, let sessions else { return nil }
        let (owner, agent) = (
            CredentialOwner(principal), request.field(FieldNames.userAgent) ?? ""
        )
        switch action {
        case .create(let body):
            let new = try await readNewKey(body, at: ring.now)
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
            case .forbidden(.maxPerUser):
                return await accountPage(request, principal, ["problem": "overlapOverLimit"], .badRequest)
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
        case .endSession(let id): return try await end([id], sessions, principal, request)
        case .endOthers:
            let all = try await sessions.manager.sessions(.all(owner)).map(\.id)
            return try await end(
                all.filter { .session(id: $0) != principal.method }, sessions, principal, request)
        case .revokeAll, .endAll: return nil
        }
    }

    private func end(
        _ ids: [UUID], _ sessions: BrowserSessions, _ principal: Principal, _ request: AuthRequest
    ) async throws -> AuthResponse {
        for id in ids {
            for ended in try await sessions.manager.end(.own(id, CredentialOwner(principal))) {
                record(.sessionEnded(id: ended.id, owner: nil), user: principal.userName, request)
            }
        }
        return done("ended")
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
            "userName": principal.userName.text, "shellName": ShellText.quoted(principal.userName.text),
            "source": principal.source.rawValue, "logout": Self.logoutPath, "action": Self.accountPath,
            "groups": principal.groups.map { ["name": $0.qualifiedName.text] },
        ]
        if let name = principal.displayName { values["displayName"] = name }
        if let email = principal.email { values["email"] = email }
        AccountView.tell(told, words, &values)
        if isAdministrator(principal) { values["people"] = Self.peoplePath }
        if let key = told["key"] { values["key"] = key }
        do throws(SourceFailure) {
            if let ring {
                let now = ring.now
                let records = try await ring.records(.all(CredentialOwner(principal)))
                AccountView.show(try await ring.judge(records, at: now), words, &values)
                values["noKeys"] = words["noKeys"]
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
                values["token"] = try await sessions.token(of: request, principal).map(FormToken.make)
                let found = try await sessions.manager.sessions(.all(CredentialOwner(principal)))
                AccountView.show(found, sessions, current: principal, &values)
            }
        } catch {
            record(.unavailable(error), user: principal.userName, request)
            return failurePage(request, .serviceUnavailable, "unavailable", .unavailable())
        }
        return Page(name: .account, status: status, title: "account", values: values).response(
            to: request, realm: realm)
    }
}
