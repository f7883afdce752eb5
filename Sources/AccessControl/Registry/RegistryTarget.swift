import Credentials

/// The path and query of a request to a registry, in their plain form alone: what a proxy, a registry and this service could each
/// read in a way of their own is refused.
struct RegistryTarget {
    /// What stands between the slashes; the last one is empty if the path ends with a slash.
    let segments: [Substring]
    /// Names and values, percent-decoded, in order.
    let query: [(name: String, value: String)]

    init(_ target: String) throws(RegistryRequest.Problem) {
        guard target.utf8.count <= RegistryRequest.maximumTargetLength else {
            throw .init("the path has over \(RegistryRequest.maximumTargetLength) bytes")
        }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0]
        guard path.utf8.first == UInt8(ascii: "/") else { throw .init("the path does not begin with a slash") }
        guard path.utf8.allSatisfy(Self.isPlain) else {
            throw .init("the path has a character that is not plain, or an encoded one")
        }
        segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard segments.dropLast().allSatisfy({ !$0.isEmpty }) else { throw .init("the path has an empty segment") }
        guard !segments.contains(where: { $0 == "." || $0 == ".." }) else {
            throw .init("the path has a segment of dots")
        }
        query = parts.count > 1 ? try Self.query(parts[1]) : []
    }

    /// Letters, digits and what names, tags, digests and the ids of uploads have besides; nothing that is encoded.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "/._-:+=~".utf8.contains(byte)
        }
    }

    /// A query as forms have it (https://url.spec.whatwg.org, application/x-www-form-urlencoded).
    private static func query(_ text: Substring) throws(RegistryRequest.Problem) -> [(name: String, value: String)] {
        // A semicolon parts pairs for some programs, and not for others; a number sign ends the query for some.
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !";#\\".utf8.contains($0) }) else {
            throw .init("the query has a character that is not plain")
        }
        var pairs: [(String, String)] = []
        for pair in FormText.pairs(text) {
            guard let name = FormText.decoded(pair.name), let value = FormText.decoded(pair.value) else {
                throw .init("the query has a percent sign that encodes nothing")
            }
            pairs.append((name, value))
        }
        return pairs
    }
}
