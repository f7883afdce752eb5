/// What stands between two slashes of a glob.
enum GlobSegment: Sendable, Hashable {
    /// `**`: any number of whole segments, none too.
    case anyDepth
    /// A segment without wildcards.
    case literal(String)
    /// A segment with wildcards.
    case tokens([GlobToken])

    init(_ tokens: [GlobToken]) {
        var bytes: [UInt8] = []
        for token in tokens {
            guard case .byte(let byte) = token else {
                self = .tokens(tokens)
                return
            }
            bytes.append(byte)
        }
        self = .literal(String(decoding: bytes, as: UTF8.self))
    }

    /// What it takes, byte by byte; `anyDepth` is no such thing.
    var tokens: [GlobToken] {
        switch self {
        case .anyDepth: []
        case .literal(let text): text.utf8.map { .byte($0) }
        case .tokens(let tokens): tokens
        }
    }

    /// Whether it has no wildcards.
    var isLiteral: Bool {
        switch self {
        case .literal: true
        case .anyDepth, .tokens: false
        }
    }

    /// Whether it takes a component of a name.
    func matches(_ component: Substring, _ bytes: [UInt8], _ effort: inout MatchEffort) -> Bool {
        switch self {
        case .anyDepth: return true
        case .literal(let text):
            effort.spend(1)
            return component == text
        case .tokens(let tokens): return Self.matches(tokens, bytes, &effort)
        }
    }

    /// Greedy, with the last star as the only place to go back to: an earlier one can't do better.
    ///
    /// - Parameter effort: what the steps are taken from. One component of a name takes 65,025 at most, so that nobody looks at it before the end.
    static func matches(_ tokens: [GlobToken], _ text: [UInt8], _ effort: inout MatchEffort) -> Bool {
        var (token, index, steps) = (0, text.startIndex, 0)
        var retry: (token: Int, index: Int)?
        defer { effort.spend(steps) }
        while true {
            steps += 1
            if token < tokens.count, tokens[token] == .star {
                token += 1
                retry = (token, index)
            } else if index < text.endIndex, token < tokens.count, tokens[token].takes(text[index]) {
                token += 1
                index += 1
            } else if index == text.endIndex, token == tokens.count {
                return true
            } else if let last = retry, last.index < text.endIndex {
                let next = last.index + 1
                retry = (last.token, next)
                (token, index) = (last.token, next)
            } else {
                return false
            }
        }
    }
}
