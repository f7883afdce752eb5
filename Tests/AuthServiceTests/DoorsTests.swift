import AccessControl
import Credentials
import Foundation
import HTTPTypes
import RegistryTokens
import TestSupport
import Testing

@testable import AuthService

/// Rule 18: what one door demands of a key, all demand. A walk over doors and kinds of key.
@Suite("Every door by every kind of key")
struct DoorsTests {
    /// The scopes of a key.
    private enum Kind: CaseIterable {
        case none, everything, everythingAndMore, allRepositories, some

        var scopes: String {
            switch self {
            case .none: "[]"
            case .everything: #"["*"]"#
            case .everythingAndMore: #"["team/**:read", "*"]"#
            case .allRepositories: #"["**"]"#
            case .some: #"["team/**:read"]"#
            }
        }

        /// Whether it leaves all that its owner may: where no repository is named, nothing less is enough.
        var isUnlimited: Bool { self == .none || self == .everything || self == .everythingAndMore }
    }

    private struct Door {
        let method: HTTPRequest.Method
        let target: String
        var body = ""
        /// What the door answers to a key that is not limited; to one that lets through what the door names; to one that does not.
        let statuses: (unlimited: Int, all: Int, some: Int)
    }

    private static let keys = "/zot/auth/apikey"
    private static let nobodys = "00000000-0000-4000-8000-000000000000"

    private static let doors = [
        Door(method: .get, target: "/v2/", statuses: (200, 200, 200)),
        Door(method: .get, target: "/auth/whoami", statuses: (200, 200, 200)),
        Door(method: .get, target: "/v2/_zot/ext/mgmt", statuses: (200, 200, 200)),
        Door(method: .get, target: "/auth/verify", statuses: (200, 403, 403)),
        Door(method: .get, target: "/auth/verify?group=admins", statuses: (200, 403, 403)),
        Door(method: .get, target: "/auth/verify?scope=team/a:read", statuses: (200, 200, 200)),
        Door(method: .get, target: "/auth/verify?scope=team/a:create", statuses: (200, 200, 403)),
        Door(method: .get, target: "/auth/verify?scope=other/a:read", statuses: (200, 200, 403)),
        Door(method: .get, target: "/auth/verify?group=admins&scope=team/a:read", statuses: (200, 200, 200)),
        Door(method: .get, target: "/auth/authz/any", statuses: (200, 403, 403)),
        Door(
            method: .get, target: "/auth/token?service=registry&scope=repository:team/a:pull", statuses: (200, 200, 200)
        ),
        Door(method: .post, target: "/auth/token", body: "grant_type=password", statuses: (200, 200, 200)),
        Door(method: .get, target: keys, statuses: (200, 200, 200)),
        Door(method: .get, target: "\(keys)?user=bob", statuses: (404, 404, 404)),
        Door(method: .post, target: keys, body: "{}", statuses: (201, 403, 403)),
        Door(method: .delete, target: "\(keys)?id=\(nobodys)", statuses: (404, 403, 403)),
        Door(method: .post, target: "\(keys)/rotate?id=\(nobodys)", statuses: (404, 403, 403)),
        Door(method: .get, target: "/auth/sessions", statuses: (200, 403, 403)),
        Door(method: .delete, target: "/auth/sessions?id=\(nobodys)", statuses: (404, 403, 403)),
        Door(method: .get, target: "/metrics", statuses: (200, 403, 403)),
        // No key comes to a page: whoever has no session is led to the login.
        Door(method: .get, target: "/auth/", statuses: (303, 303, 303)),
        Door(method: .get, target: "/auth/people", statuses: (303, 303, 303)),
        // Last: from then on the key has a successor.
        Door(method: .post, target: "\(keys)/rotate", statuses: (201, 201, 201)),
    ]

    private func service() async throws -> Service {
        let (key, certificate) = try TokenKey.make(.es256, name: "test", at: .now)
        let issuer = try await TokenIssuer(
            options: .init(issuer: "me", services: ["registry"]),
            signing: try TokenKey(key: key, certificate: certificate))
        return try Service(metricsAccess: MetricsAccess(users: ["alice"]), tokens: issuer)
    }

    @Test("What names no repository lets in a key that is not limited, and no other; the scope * limits nothing")
    func walk() async throws {
        let service = try await service()
        for kind in Kind.allCases {
            for isBearer in [false, true] {
                let (key, _) = try await service.createKey(#"{"scopes": \#(kind.scopes)}"#)
                let authorization = isBearer ? "Bearer \(key)" : Service.basic("alice", key)
                for door in Self.doors {
                    let expected =
                        kind.isUnlimited
                        ? door.statuses.unlimited : kind == .allRepositories ? door.statuses.all : door.statuses.some
                    let response = await service.ask(
                        door.method, door.target, authorization: authorization, body: door.body)
                    #expect(
                        response.status.code == expected,
                        "\(kind) \(door.method) \(door.target): \(response.status.code) \(response.text.prefix(200))")
                }
            }
        }
    }

    @Test("No demand of the table of routes is left out of the walk")
    func complete() {
        let asked = Set(
            Self.doors.compactMap { door in
                RouteTable.shared.find(AuthRequest.path(of: door.target))?.row(door.method)?.demand
            })
        let all = Set(RouteTable.shared.rows.map(\.demand))
        #expect(all.subtracting(asked) == [.nothing])
    }

    @Test("A key that is limited sees itself in the list, and none of its owner's others")
    func list() async throws {
        let service = try await service()
        let (_, other) = try await service.createKey(#"{"label": "other"}"#)
        for kind in Kind.allCases {
            let (key, id) = try await service.createKey(#"{"scopes": \#(kind.scopes)}"#)
            let list = try await service.ask(.get, Self.keys, authorization: Service.basic("alice", key)).object()
            let ids = (list["apiKeys"] as? [[String: Any]] ?? []).compactMap { $0["uuid"] as? String }
            #expect(kind.isUnlimited ? ids.contains(other) && ids.contains(id) : ids == [id], "\(kind)")
        }
    }
}
