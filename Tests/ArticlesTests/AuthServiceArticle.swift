// The code of Sources/AuthService/AuthService.docc/ServeDecisions.md: ArticlesTests compares the two.
import APIKeys
import AuthService
import Credentials
import HTTPTypes

struct AuthServiceArticle {
    let service: AuthService

    init(resolver: CredentialResolver, ring: APIKeyRing?) {
        var options = AuthService.Options()
        options.realm = "my registry"
        options.trustedProxies = [IPNetwork("127.0.0.1/32")].compactMap { $0 }
        let service = AuthService(resolver: resolver, ring: ring, options: options) { event in
            print(event.action.name, event.userName ?? "-")
        }
        self.service = service
    }

    func respond(to head: HTTPRequest, from address: String, body: @Sendable @escaping (Int) async throws -> [UInt8]?)
        async
        -> AuthResponse
    {
        let request = AuthRequest(
            method: head.method, target: head.path ?? "/", headers: head.headerFields, peer: IPAddress(address))
        if let response = service.answerIfKnown(request) { return response }
        return await service.answer(request, body: body)
    }
}
