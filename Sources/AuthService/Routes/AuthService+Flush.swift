import Credentials
import HTTPTypes

extension AuthService {
    /// Forgets what is remembered of somebody: verified passwords, keys used lately, whether they exist.
    func flush(_ request: AuthRequest) async -> AuthResponse {
        let users = request.queryValues("user")
        guard users.count == 1, let user = users.first.map({ UserName($0) }), !user.isEmpty else {
            return .badRequest("name whom to forget by one parameter, ?user=NAME")
        }
        await resolver.forget(userName: user)
        record(.forgotten, user: user, request)
        return AuthResponse(.noContent)
    }
}
