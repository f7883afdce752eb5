import AccessControl
import Credentials
import Foundation
import SQLiteStorage
import TestSupport
import Testing

@testable import APIKeys

@Suite("What is said of scopes is found out once")
struct ScopeJudgeTests {
    private func scopes(_ texts: [String]) -> [Scope] { texts.map { Scope(stored: $0) } }

    private func judge(_ allowed: String...) -> ScopeJudge {
        var policy = APIKeyPolicy()
        policy.allowedScopes = scopes(allowed)
        return ScopeJudge(policy, deadline: .seconds(600))
    }

    @Test("The verdict on a list of scopes is of that list in that order, and of none that looks like it")
    func lists() async throws {
        let judge = judge("a/**")
        for (texts, isAllowed) in [
            (["a/b"], true), (["a/b", "c"], false), (["c", "a/b"], false), (["a/", "b"], false), (["a/b", ""], true),
            ([], false), (["*"], false), (["a/b"], true),
        ] {
            #expect(try await judge.isAllowed(scopes(texts)) == isAllowed, "\(texts)")
        }
        #expect(try await ScopeJudge(APIKeyPolicy()).isAllowed(scopes(["**"])))
    }

    @Test("Problems are named by the scope that has them, in whatever order and company it stands")
    func problems() async throws {
        let verdicts = try await judge().verdicts(on: [
            scopes(["ok", "a[", "Team"]), [], scopes(["ok"]), scopes(["Team", "a["]),
        ])
        #expect(verdicts.map { $0.problems.map(\.place) } == [[1, 2], [], [], [0, 1]])
    }

    @Test("Many at once get their own verdicts")
    func many() async throws {
        let judge = judge("team/**", "*-lib/**")
        let right = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let isIn = number.isMultiple(of: 2)
                    let list = [Scope(stored: isIn ? "x\(number)-lib/**/*a*" : "x\(number)/**")]
                    return (try? await judge.isAllowed(list)) == isIn
                }
            }
            return await group.reduce(true) { $0 && $1 }
        }
        #expect(right)
    }
}
