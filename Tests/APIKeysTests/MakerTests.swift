import AccessControl
import Credentials
import Foundation
import SQLiteStorage
import TestSupport
import Testing

@testable import APIKeys

@Suite("A key makes no more than itself")
struct MakerTests {
    private let folder: TemporaryFolder
    private let ring: APIKeyRing
    private let ines = Principal(userName: "ines", source: .ldap, method: .password, identity: "id:1")
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    init() throws {
        folder = try TemporaryFolder()
        var options = APIKeyRing.Options()
        options.clock = { Self.now }
        ring = APIKeyRing(store: try SQLiteStore(folder: folder.url("data")), options: options)
    }

    private func create(
        _ seconds: TimeInterval?, scopes: [String] = [], maker: APIKeyRecord? = nil
    ) async throws -> (APIKeyRecord, APIKey) {
        try await ring.create(
            owner: ines, label: "", scopes: scopes.map { Scope(stored: $0) },
            expirationDate: seconds.map { Self.now.addingTimeInterval($0) }, userAgent: "", maker: maker)
    }

    private func outcome(_ seconds: TimeInterval?, maker: APIKeyRecord) async throws -> String {
        do {
            _ = try await create(seconds, maker: maker)
            return "made"
        } catch KeyRequestError.outlivesMaker(let end) {
            return "not beyond \(Int(end.timeIntervalSince(Self.now)))"
        } catch KeyRequestError.limitedMaker {
            return "limited"
        }
    }

    @Test("What it makes ends with it at the latest, whatever ends it")
    func ends() async throws {
        let (short, _) = try await create(60)
        #expect(try await outcome(nil, maker: short) == "not beyond 60")
        #expect(try await outcome(61, maker: short) == "not beyond 60")
        #expect(try await outcome(60, maker: short) == "made")
        let (lasting, _) = try await create(nil)
        #expect(try await outcome(nil, maker: lasting) == "made")
        guard
            case .done = try await ring.rotate(
                .own(lasting.id, lasting.owner), overlap: .seconds(30), userAgent: "")
        else { throw NeverHappened(description: "not rotated") }
        let overlapping = try #require(try await ring.records(.own(lasting.id, lasting.owner)).first)
        #expect(try await outcome(nil, maker: overlapping) == "not beyond 30", "a rotated key ends with its overlap")
    }

    @Test("A key with scopes, one that is over and one that was revoked make none")
    func limited() async throws {
        #expect(try await outcome(10, maker: try await create(60, scopes: ["a/**"]).0) == "limited")
        #expect(try await outcome(10, maker: try await create(-60).0) == "limited")
        let (ended, _) = try await create(60)
        let revoked = try #require(try await ring.revoke(.own(ended.id, ended.owner), cause: .owner).first)
        #expect(try await outcome(10, maker: revoked) == "limited")
    }

    @Test("What it rotates of others ends with it at the latest; by rotating itself it keeps its lifetime")
    func rotates() async throws {
        let (short, _) = try await create(60)
        for other in [try await create(nil).0, try await create(90).0] {
            guard
                case .done(let new, _) = try await ring.rotate(
                    .own(other.id, other.owner), overlap: .zero, userAgent: "", maker: short)
            else { throw NeverHappened(description: "not rotated") }
            #expect(new.expirationDate == short.expirationDate)
        }
        let (lasting, _) = try await create(nil)
        for (old, end) in [(short, short.expirationDate), (lasting, nil)] {
            guard
                case .done(let new, _) = try await ring.rotate(
                    .own(old.id, old.owner), overlap: .zero, userAgent: "", maker: old)
            else { throw NeverHappened(description: "not rotated") }
            #expect(new.expirationDate == end)
        }
    }

    @Test("The report of a key ends all that was made of it by rotating, also where the one that is reported is over")
    func leaked() async throws {
        let (first, key) = try await create(nil)
        let (other, _) = try await create(nil)
        var last = first
        for _ in 0..<3 {
            guard
                case .done(let new, _) = try await ring.rotate(
                    .own(last.id, last.owner), overlap: .zero, userAgent: "")
            else { throw NeverHappened(description: "not rotated") }
            last = new
        }
        let report = try #require(try await ring.revoke(leaked: Secret(key.text)))
        #expect(report.key.id == first.id && report.family.count == 4)
        let all = try await ring.records(.all(first.owner))
        #expect(all.filter { $0.revocation == nil }.map(\.id) == [other.id])
        #expect(all.filter { $0.revocation != nil }.allSatisfy { $0.revocation?.cause == .holder })
        let again = try #require(try await ring.revoke(leaked: Secret(key.text)))
        #expect(again.key.id == first.id, "it may be said twice")
    }

    @Test("The report of a key that was not rotated ends that key alone, and not the one that it came from")
    func leakedSuccessor() async throws {
        let (first, _) = try await create(nil)
        guard
            case .done(let second, let key) = try await ring.rotate(
                .own(first.id, first.owner), overlap: .seconds(60), userAgent: "")
        else { throw NeverHappened(description: "not rotated") }
        let report = try #require(try await ring.revoke(leaked: Secret(key.text)))
        #expect(report.key.id == second.id && report.family.isEmpty)
        #expect(try await ring.records(.own(first.id, first.owner)).first?.revocation == nil)
    }
}
