import APIKeys
import Foundation

/// The lines of `latchkey apikey export`. A line that can't be read refuses itself, and not those beside it: whoever could have one written, as
/// anybody who may make a key could, would else keep all keys from being moved.
struct KeyFile {
    /// The keys.
    private(set) var keys: [(APIKeyRecord, APIKeyDigest)] = []
    /// Why lines are refused, a sentence each, with the line's number.
    private(set) var refused: [String] = []

    /// Reads a file.
    /// - Parameters:
    ///   - bytes: its bytes.
    ///   - place: what it is called.
    init(bytes: [UInt8], place: String) {
        let decoder = JSONDecoder()
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        where !line.isEmpty {
            let place = "\(place):\(index + 1)"
            guard let key = try? decoder.decode(KeyLine.self, from: Data(line)) else {
                refused.append("\(place): is no line of latchkey apikey export")
                continue
            }
            do throws(ConfigurationError) {
                keys.append(try key.read(place))
            } catch {
                refused.append("\(error)")
            }
        }
    }
}
