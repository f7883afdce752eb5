/// A record of FastCGI (specification 1.0, 3.3), read from bytes and written to them.
struct FastCGIRecord: Equatable {
    /// What a record is for (8).
    enum Kind: UInt8 {
        case beginRequest = 1
        case abortRequest = 2
        case endRequest = 3
        case parameters = 4
        case standardInput = 5
        case standardOutput = 6
        case standardError = 7
        case data = 8
        case getValues = 9
        case getValuesResult = 10
        case unknownType = 11
    }

    static let headerLength = 8

    /// The number of the type: one that is not of ``Kind`` must be answered too.
    let type: UInt8
    /// 0 for records about the connection.
    let request: UInt16
    let content: ArraySlice<UInt8>

    var kind: Kind? { Kind(rawValue: type) }

    init(_ kind: Kind, request: UInt16, content: ArraySlice<UInt8> = []) {
        (type, self.request, self.content) = (kind.rawValue, request, content)
    }

    /// Reads the first record of some bytes, and takes it away from them.
    /// - Returns: nil if it has not all come yet.
    /// - Throws: ``FastCGIProblem`` if they are no record of version 1.
    init?(readingFrom bytes: inout ArraySlice<UInt8>) throws(FastCGIProblem) {
        guard let version = bytes.first else { return nil }
        guard version == 1 else { throw FastCGIProblem("a record of version \(version)") }
        guard bytes.count >= Self.headerLength else { return nil }
        let start = bytes.startIndex
        let length = Int(bytes[start + 4]) << 8 | Int(bytes[start + 5])
        let end = start + Self.headerLength + length
        let whole = end + Int(bytes[start + 6])
        guard bytes.endIndex >= whole else { return nil }
        type = bytes[start + 1]
        request = UInt16(bytes[start + 2]) << 8 | UInt16(bytes[start + 3])
        content = bytes[(start + Self.headerLength)..<end]
        bytes = bytes[whole...]
    }

    /// Appends the record. Its content has at most 65,535 bytes.
    func append(to bytes: inout [UInt8]) {
        let length = UInt16(truncatingIfNeeded: content.count)
        bytes += [
            1, type, UInt8(request >> 8), UInt8(truncatingIfNeeded: request), UInt8(length >> 8),
            UInt8(truncatingIfNeeded: length), 0, 0,
        ]
        bytes += content
    }
}

/// Why a connection that should speak FastCGI ends.
public struct FastCGIProblem: Error, CustomStringConvertible {
    /// What was wrong, in words that name no value that was sent.
    public let description: String

    init(_ description: String) { self.description = description }
}
