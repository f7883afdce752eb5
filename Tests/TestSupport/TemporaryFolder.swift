public import Foundation

/// A folder that goes away with the last reference to it.
public final class TemporaryFolder: Sendable {
    public let root: URL

    public init() throws {
        root = FileManager.default.temporaryDirectory.appending(path: "latchkey-test-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    public func url(_ name: String) -> URL { root.appending(path: name) }
    public func path(_ name: String) -> String { url(name).path }
    public func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: url(name)), as: UTF8.self)
    }

    @discardableResult
    public func write(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: url(name))
        return path(name)
    }
}
