import Credentials

/// The scopes of a key, read when they are needed first: an object, so that whoever knows the same key reads them once.
final class ReadScopes: Sendable {
    private let texts: [Scope]
    private let known = Locked<[KeyScope]?>(nil)

    init(_ texts: [Scope]) { self.texts = texts }

    /// Those that can be read.
    var readable: [KeyScope] {
        known.withLock { known in
            if let known { return known }
            let scopes = Self.read(texts).compactMap { try? $0.get() }
            known = scopes
            return scopes
        }
    }

    /// Reads scopes. What comes behind ``ScopeLimits/maximumRead`` bytes is as if it could not be read.
    static func read(_ texts: [Scope]) -> [Result<KeyScope, GlobProblem>] {
        var left = ScopeLimits.maximumRead
        return texts.map { text in
            guard left > 0 else {
                return .failure(GlobProblem("comes after others that are too long to be compared"))
            }
            do throws(GlobProblem) {
                let scope = try KeyScope(reading: text, maximumExpansion: min(left, Glob.maximumExpansion))
                left -= scope.writtenOutLength
                return .success(scope)
            } catch {
                left -= text.text.utf8.count
                return .failure(error)
            }
        }
    }
}
