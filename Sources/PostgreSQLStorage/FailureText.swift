import Credentials
import Foundation

/// Failures as nodes tell each other of them: name and network, the name percent-encoded.
enum FailureText {
    /// Writes failures as payloads.
    /// - Parameters:
    ///   - failures: what was counted.
    ///   - node: who tells.
    static func payloads(_ failures: [CountedFailure], node: String) -> [String] {
        var (payloads, text) = ([String](), "f \(node)")
        for failure in failures {
            let entry = " \(FormText.escaped(failure.userName.text))@\(failure.network.map { "\($0)" } ?? "")"
            guard entry.utf8.count < StoreChange.maximumLength / 2 else { continue }
            if text.utf8.count + entry.utf8.count > StoreChange.maximumLength {
                payloads.append(text)
                text = "f \(node)"
            }
            text += entry
        }
        return payloads + [text]
    }

    /// Reads one.
    /// - Returns: nil for what is none.
    static func read(_ text: Substring) -> CountedFailure? {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let name = parts[0].removingPercentEncoding, !name.isEmpty else { return nil }
        guard !parts[1].isEmpty else { return CountedFailure(userName: UserName(name), network: nil) }
        guard let network = IPNetwork(String(parts[1])) else { return nil }
        return CountedFailure(userName: UserName(name), network: network)
    }
}
