// The code of docs/embed.md: ArticlesTests compares the two.
import APIKeys
import AuthService
import Credentials
import Foundation
import HTTPTypes
import Htpasswd
import LDAPDirectory
import Logging
import SQLiteStorage

enum EmbedPage {
    static func ask(name: String, password: String) async throws {
        let hashing = WorkLane(name: "hashing", threads: 2, maximumQueued: 256, priority: .leftover)
        let users = try await HtpasswdSource(
            path: "/etc/app/htpasswd", hashing: hashing, logger: Logger(label: "app"))

        switch await users.judge(BasicCredential(userName: UserName(name), secret: Secret(password))) {
        case .authenticated(let principal): print("hello", principal.userName)
        case .rejected, .unknownUser: print("no")
        case .unavailable: print("later")  // the lane is full: this says nothing about the password
        }
    }

    static func resolve(
        users: HtpasswdSource, servicePassword: String, credential: BasicCredential, remoteAddress: String
    ) async -> Outcome {
        var options = DirectoryOptions(urls: ["ldaps://ldap.example.org"], baseDN: "ou=Users,dc=example,dc=org")
        options.serviceAccount = .init(bindDN: "cn=app,dc=example,dc=org", password: Secret(servicePassword))
        let directory = DirectorySource(options, logger: Logger(label: "app"))

        let resolver = CredentialResolver(entries: [.init(users), .init(directory)])
        let outcome = await resolver.resolve(credential, from: IPAddress(remoteAddress))
        // authenticated, refused, unavailable or throttled
        return outcome
    }

    static func makeKey(
        users: HtpasswdSource, directory: DirectorySource, principal: Principal
    ) async throws -> (APIKeySource, APIKeyRecord) {
        let store = try SQLiteStore(folder: URL(filePath: "/var/lib/app"))  // blocks: do it while starting
        let ring = APIKeyRing(store: store)
        let owners = OwnerCheck(directories: [users, directory], store: store)
        let keys = APIKeySource(ring: ring, owners: owners)  // a CredentialSource as any other

        let (record, key) = try await ring.create(
            owner: principal, label: "laptop", scopes: [], expirationDate: nil, userAgent: "")
        print(key.text)  // once, and never again
        return (keys, record)
    }

    static func serve(
        resolver: CredentialResolver, ring: APIKeyRing, method: HTTPRequest.Method, path: String, fields: HTTPFields,
        remoteAddress: String, collectBody: @escaping @Sendable (Int) async throws -> [UInt8]?
    ) async -> AuthResponse {
        let service = AuthService(resolver: resolver, ring: ring)

        // In a middleware or a channel handler:
        let request = AuthRequest(method: method, target: path, headers: fields, peer: IPAddress(remoteAddress))
        if let response = service.answerIfKnown(request) {
            return response  // decided without waiting: safe on an event loop
        }
        return await service.answer(request) { limit in try await collectBody(limit) }
    }
}
