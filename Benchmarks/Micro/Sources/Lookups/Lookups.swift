import APIKeys
import Credentials
import Crypto
import Foundation
import SQLiteStorage

/// What one look-up of a key costs in the store itself: `Lookups FOLDER KEYS COUNT` asks for COUNT keys of fill.py's, each once, one after
/// the other.
@main
enum Lookups {
    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 4, let keys = Int(words[2]), let count = Int(words[3]) else {
            print("usage: Lookups FOLDER KEYS COUNT")
            return
        }
        let store = try SQLiteStore(readingFrom: URL(filePath: words[1]))
        let clock = ContinuousClock()
        // As the server does it: on the store's own threads, where its tasks for keys run.
        let times = try await withTaskExecutorPreference(store.lookups) {
            var times: [Duration] = []
            for index in 0..<count {
                let digits = hexadecimal(SHA256.hash(data: Data("key \(index * 7919 % keys)".utf8))).prefix(32)
                guard let digest = APIKey(Secret("zak_\(digits)"))?.digest else { throw Missing(index: index) }
                let begun = clock.now
                let record = try await store.record(of: digest)
                times.append(clock.now - begun)
                guard record != nil else {
                    throw Missing(index: index)
                }
            }
            return times.sorted()
        }
        func text(_ duration: Duration) -> String { "\(Int(duration / .microseconds(1))) µs" }
        print("\(text(times[count / 2])) \(text(times[count * 99 / 100]))")
    }

    private struct Missing: Error {
        let index: Int
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
