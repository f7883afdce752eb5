public import Credentials

/// What the scopes of a new key may come to. Each use of a key is compared with them, so that they must not cost more than a use does.
public enum ScopeLimits {
    /// How many there may be.
    public static let maximumCount = 32
    /// How long one may be, in bytes.
    public static let maximumLength = 256
    /// How many bytes they may have together with their braces written out.
    public static let maximumWrittenOut = 2048
    /// The same where scopes are read that are stored already: each key of before fits that was made without braces. What comes behind matches
    /// nothing.
    static let maximumRead = 16_384

    /// Checks the scopes of a new key. It takes some milliseconds for the worst that it lets pass: do it where nobody waits for the thread.
    /// - Parameter scopes: the scopes.
    /// - Throws: ``ScopeProblem`` for the first that can't be read or can't match anything, and for what is too much.
    public static func check(_ scopes: [Scope]) throws(ScopeProblem) {
        guard scopes.count <= maximumCount else {
            throw ScopeProblem("a key has at most \(maximumCount) scopes; these are \(scopes.count)")
        }
        var writtenOut = 0
        for scope in scopes {
            guard scope.text.utf8.count <= maximumLength else {
                throw ScopeProblem("a scope of a key has at most \(maximumLength) bytes")
            }
            writtenOut += try writtenOutLength(of: scope)
            guard writtenOut <= maximumWrittenOut else {
                throw ScopeProblem(
                    "the scopes come to over \(maximumWrittenOut) bytes together with their braces written out")
            }
        }
        // Whether any name can match takes longest: only for what is not too much.
        for scope in scopes {
            do throws(GlobProblem) { _ = try KeyScope(scope) } catch {
                throw ScopeProblem("the scope '\(scope)' \(error)")
            }
        }
    }

    private static func writtenOutLength(of scope: Scope) throws(ScopeProblem) -> Int {
        do throws(GlobProblem) {
            return try KeyScope(reading: scope).writtenOutLength
        } catch {
            throw ScopeProblem("the scope '\(scope)' \(error)")
        }
    }
}

/// Why a key can't have some scopes, in words for whoever asked for it.
public struct ScopeProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, such as "the scope 'a[' has a [ without its ]".
    public let description: String

    init(_ description: String) { self.description = description }
}
