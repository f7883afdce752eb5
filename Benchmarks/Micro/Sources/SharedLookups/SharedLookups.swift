import APIKeys
import Credentials
import Foundation
import PostgreSQLStorage

/// What look-ups of keys cost in the store of several nodes itself: `SharedLookups CONNECTIONS TASKS SECONDS KEYS` lets TASKS look keys up at once, each
/// one after the other, over CONNECTIONS connections; libpq's variables say where the database is. Prints look-ups a second. The keys are
/// those of nodes.sh.
@main
enum SharedLookups {
    static func main() async throws {
        let words = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        guard words.count == 4 else {
            print("usage: SharedLookups CONNECTIONS TASKS SECONDS KEYS")
            return
        }
        let (connections, tasks, seconds, keys) = (words[0], words[1], words[2], words[3])
        var options = PostgreSQLOptions(connection: "")
        // Half of them are left to those who change something.
        options.maximumConnections = connections * 2
        let store = try PostgreSQLStore(options)
        let digests = (1...keys).compactMap { number in
            let digits = String(number, radix: 16)
            return APIKey(Secret("zak_" + String(repeating: "0", count: 32 - digits.count) + digits))?.digest
        }
        let end = ContinuousClock.now + .seconds(seconds)
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<tasks {
                group.addTask {
                    var count = 0
                    while ContinuousClock.now < end {
                        guard let digest = digests.randomElement(), try await store.record(of: digest) != nil else {
                            throw Missing()
                        }
                        count += 1
                    }
                    return count
                }
            }
            var sum = 0
            for try await count in group { sum += count }
            return sum
        }
        store.close()
        print(count / seconds)
    }

    private struct Missing: Error {}
}
