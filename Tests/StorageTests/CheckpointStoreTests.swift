import Credentials
import Foundation
import Testing

@Suite("Stores keep where audit files end")
struct CheckpointStoreTests {
    @Test(
        "The furthest end of each file is kept, over a restart, unless it is replaced; files of long ago are forgotten",
        arguments: Implementation.allCases)
    func kept(implementation: Implementation) async throws {
        try await implementation.run { store, again in
            let day = Date(timeIntervalSince1970: 1_800_000_000)
            func checkpoint(_ file: String, _ number: Int64, _ later: TimeInterval = 0) -> AuditCheckpoint {
                AuditCheckpoint(
                    file: file, number: number, hash: String(repeating: "a", count: 64), date: day + later)
            }
            #expect(try await store.checkpoint(of: "a:/x") == nil)
            for number: Int64 in [7, 9, 8] {
                try await store.noteCheckpoint(checkpoint("a:/x", number), replacing: false)
            }
            try await store.noteCheckpoint(checkpoint("b:/'\"x", .max, 100), replacing: false)
            let reopened = try again()
            #expect(try await reopened.checkpoint(of: "a:/x") == checkpoint("a:/x", 9))
            try await reopened.noteCheckpoint(checkpoint("a:/x", 3, 1), replacing: true)
            #expect(try await reopened.checkpoint(of: "a:/x") == checkpoint("a:/x", 3, 1))
            #expect(try await reopened.purgeCheckpoints(before: day + 50) == 1)
            #expect(try await reopened.checkpoint(of: "a:/x") == nil)
            #expect(try await reopened.checkpoint(of: "b:/'\"x")?.number == .max)
        }
    }
}
