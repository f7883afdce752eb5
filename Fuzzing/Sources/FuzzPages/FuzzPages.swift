import AuthService
import Credentials
import Dispatch
import Foundation
import HTTPTypes
import Sessions

/// Keeps nothing: nobody can log in.
private struct NoSessions: SessionStore {
    func insert(
        _ session: SessionRecord, digest: SessionDigest, owner: OwnerRecord?, limit: Int, provider: ProviderSession?
    ) async throws(SourceFailure) -> [UUID] { preconditionFailure("somebody has logged in") }
    func session(of digest: SessionDigest) async throws(SourceFailure) -> SessionRecord? { nil }
    func providerSession(of digest: SessionDigest) async throws(SourceFailure) -> ProviderSession? { nil }
    func sessions(_ selection: SessionSelection) async throws(SourceFailure) -> [SessionRecord] { [] }
    func end(_ selection: SessionSelection) async throws(SourceFailure) -> [SessionRecord] { [] }
    func noteSessionUses(_ uses: [UUID: Date]) async throws(SourceFailure) {}
    func purgeSessions(endedBefore date: Date, unusedSince idle: Date) async throws(SourceFailure) -> Int { 0 }
}

private let service: AuthService = {
    var resolver = CredentialResolver.Options()
    (resolver.failDelay, resolver.throttle) = (.zero, nil)
    var options = AuthService.Options()
    options.sessions = BrowserSessions(
        manager: SessionManager(store: NoSessions(), owners: OwnerCheck(directories: [])), isSecure: true,
        externalOrigin: WebOrigin("https://auth.example.org"))
    options.returnOrigins = [WebOrigin("https://app.example.org")].compactMap(\.self)
    return AuthService(resolver: CredentialResolver(entries: [], options: resolver), ring: nil, options: options)
}()

/// Any request to the pages is answered without a crash; nobody is logged in, sent elsewhere, or shown what they have sent as HTML.
///
/// The first line is the path with its query, the next ones are fields, and what stands behind an empty line is the body.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    let parts = text.split(separator: "\n\n", maxSplits: 1, omittingEmptySubsequences: false)
    let lines = (parts.first ?? "").split(separator: "\n")
    var fields: HTTPFields = [.accept: "text/html"]
    for line in lines.dropFirst() {
        let pair = line.split(separator: ":", maxSplits: 1)
        guard pair.count == 2, let name = HTTPField.Name(String(pair[0])) else { continue }
        fields.append(HTTPField(name: name, value: String(pair[1])))
    }
    let body = parts.count > 1 ? Array(parts[1].utf8) : []
    let (target, headers) = (String(lines.first ?? "/auth/login"), fields)
    let done = DispatchSemaphore(value: 0)
    Task {
        for method in [HTTPRequest.Method.get, .post] {
            let request = AuthRequest(method: method, target: target, headers: headers, peer: nil)
            let response = await service.answer(request) { limit in body.count <= limit ? body : nil }
            precondition(response.status.code < 500 || response.status == .serviceUnavailable)
            if let location = response.headers[.location] {
                precondition(
                    location.hasPrefix("/") && !location.hasPrefix("//")
                        || location.hasPrefix("https://app.example.org")
                        || location.hasPrefix("https://auth.example.org"), location)
            }
            let page = String(decoding: response.body, as: UTF8.self)
            precondition(!page.contains("<img") && !page.contains("<script>"), "what was sent stands in the page")
        }
        done.signal()
    }
    done.wait()
    return 0
}
