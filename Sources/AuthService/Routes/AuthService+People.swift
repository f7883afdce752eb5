import APIKeys
import Credentials
import Foundation
import HTTPTypes
import Sessions

/// The administrators' page: a person, their keys and their sessions.
extension AuthService {
    static let peoplePath = "/auth/people"

    /// Shows the page, with the person that the query names.
    func peoplePage(_ request: AuthRequest, _ principal: Principal) async -> AuthResponse {
        if let home = leadHome(request) { return home }
        let names = request.queryValues("user")
        let noticed = ["revoked", "revokedAll", "ended", "endedAll"].first { request.queryValues("done") == [$0] }
        let name = UserName(names.count == 1 ? names[0] : "")
        if !name.isEmpty {
            alert(.administrator(action: "look-up", owner: name), user: principal.userName, request)
        }
        return await peoplePage(request, principal, name, noticed.map { ["notice": $0] } ?? [:])
    }

    /// Takes what one of its forms sends.
    func actOnPeople(_ request: AuthRequest, _ principal: Principal, _ body: BodyReader) async -> AuthResponse {
        await act(.administration, request, principal, body) {
            await peoplePage(request, principal, "", $0, $1)
        } perform: { form, action in
            guard !form.user.isEmpty, let ring, let sessions else { return nil }
            let name = UserName(form.user)
            let person = await person(named: name, principal)
            let count: Int
            switch action {
            case .revoke(let id): count = try await revoke(person.key(id), ring, name, principal, request)
            case .revokeAll: count = try await revoke(person.keys, ring, name, principal, request)
            case .endSession(let id): count = try await end(person.session(id), sessions, name, principal, request)
            case .endAll: count = try await end(person.sessions, sessions, name, principal, request)
            case .create, .rotate, .endOthers: return nil
            }
            // What is kept under the name has ended; whether that is all nobody can say.
            if let failure = person.failure { throw failure }
            // Nobody is told that something has ended which has not.
            switch action {
            case .revoke, .endSession:
                guard count > 0 else {
                    return await peoplePage(request, principal, name, ["problem": "nothingEnded"], .notFound)
                }
            default:
                if try await doubt(about: person, count, "") != nil {
                    return await peoplePage(request, principal, name, ["problem": "nobodyKnown"], .notFound)
                }
            }
            let done =
                switch action {
                case .revoke: "revoked"
                case .revokeAll: "revokedAll"
                case .endAll: "endedAll"
                default: "ended"
                }
            return AuthResponse(
                .seeOther,
                headers: [
                    .location: Self.peoplePath + "?" + FormText.encode([("user", name.text), ("done", done)]),
                    .cacheControl: "no-store",
                ])
        }
    }

    private func revoke(
        _ selection: KeySelection, _ ring: APIKeyRing, _ name: UserName, _ principal: Principal, _ request: AuthRequest
    ) async throws -> Int {
        let revoked = try await ring.newlyRevoked(selection, cause: .administrator)
        for key in revoked {
            record(.keyRevoked(by: principal, id: key.id, owner: name), user: principal.userName, request)
        }
        alert(.administrator(action: "revoke", owner: name), user: principal.userName, request)
        return revoked.count
    }

    private func end(
        _ selection: SessionSelection, _ sessions: BrowserSessions, _ name: UserName, _ principal: Principal,
        _ request: AuthRequest
    ) async throws -> Int {
        let ended = try await sessions.manager.end(selection)
        for session in ended {
            record(.sessionEnded(id: session.id, owner: name), user: principal.userName, request)
        }
        alert(.administrator(action: "end-sessions", owner: name), user: principal.userName, request)
        return ended.count
    }

    private func peoplePage(
        _ request: AuthRequest, _ principal: Principal, _ name: UserName, _ told: [String: String],
        _ status: HTTPResponse.Status = .ok
    ) async -> AuthResponse {
        let words = PageWords.language(request.field("Accept-Language")).words
        var values: [String: Any] = [
            "account": Self.accountPath, "action": Self.peoplePath, "noKeys": words["theirNoKeys"] ?? "",
        ]
        AccountView.tell(told, words, &values)
        do throws(SourceFailure) {
            let person = name.isEmpty ? PersonTarget(principal) : await person(named: name, principal)
            if let failure = person.failure {
                guard !person.isUnknown else { throw failure }
                // Another source may know somebody of that name too.
                AccountView.tell(["problem": "unavailable"], words, &values)
            }
            if let sessions {
                values["token"] = try await sessions.token(of: request, principal).map(FormToken.make)
                // When the administrator's own session ends.
                AccountView.show(
                    try await sessions.manager.sessions(.all(CredentialOwner(principal))), sessions,
                    current: principal, &values)
                let theirs = name.isEmpty ? [] : try await sessions.manager.sessions(person.sessions)
                values["sessions"] = theirs.map { AccountView.row($0, current: nil) }
                values["hasAnySession"] = !theirs.isEmpty
            }
            if !name.isEmpty {
                values["person"] = name.text
                if let ring {
                    let keys = try await ring.judge(try await ring.records(person.keys), at: ring.now)
                    AccountView.show(keys, words, &values)
                    // Another's key is theirs to rotate: who does it sees the new one.
                    values["keys"] = (values["keys"] as? [[String: Any]])?.map {
                        $0.merging(["canRotate": false]) { $1 }
                    }
                }
                switch await owners?.person(named: name) {
                case .found(let person):
                    values["isKnown"] = true
                    values["source"] = person.source.rawValue
                    values["groups"] = person.groups.map { ["name": $0.qualifiedName.text] }
                    if let display = person.displayName { values["displayName"] = display }
                case .absent, .disabled, nil: break
                case .unavailable(let failure): throw failure
                }
            }
        } catch {
            record(.unavailable(error), user: principal.userName, request)
            return failurePage(request, .serviceUnavailable, "unavailable", .unavailable())
        }
        return Page(name: .people, status: status, title: "people", values: values).response(to: request, realm: realm)
    }
}
