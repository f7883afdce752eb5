import APIKeys
import Credentials
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
            do throws(ConfigurationError) {
                keys.append(try Self.read(Array(line), place, decoder))
            } catch {
                refused.append("\(error)")
            }
        }
    }

    private static func read(
        _ line: [UInt8], _ place: String, _ decoder: JSONDecoder
    ) throws(ConfigurationError) -> (APIKeyRecord, APIKeyDigest) {
        let (key, fields): (KeyLine, [String])
        do {
            // Foundation's decoder takes the first of two fields of one name, and passes over those that it does not know.
            fields = Array(try JSONReader.object(line).keys)
            key = try decoder.decode(KeyLine.self, from: Data(line))
        } catch JSONReader.Problem.doubled {
            throw ConfigurationError(
                place: place, message: "is refused, as it has a field twice: which of them counts would be a guess")
        } catch {
            // Why is not told: the decoder's words are a library's, and have parts of the line.
            throw ConfigurationError(place: place, message: "is no line of latchkey apikey export")
        }
        return try key.read(place, fields: fields)
    }
}
