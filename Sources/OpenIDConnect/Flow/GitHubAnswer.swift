import Foundation

/// What an answer of GitHub's API means beside its body: one status has several meanings there.
struct GitHubAnswer: Sendable {
    private struct Message: Decodable { var message: String? }

    private let answer: ProviderAnswer

    /// - Parameter answer: what GitHub's API answers.
    init(_ answer: ProviderAnswer) { self.answer = answer }

    /// Why it says nothing of anybody just now; nil if it does.
    ///
    /// 403 or 429 is a limit with `X-RateLimit-Remaining: 0`, with `Retry-After`, or with words about one
    /// (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api).
    var outage: String? {
        switch answer.status {
        case 429: limit
        case 403 where isLimited: limit
        case 300..<400, 500...: "GitHub's API answers \(answer.status)"
        default: nil
        }
    }

    /// Whether it refuses for good: the application, or the person, may not see it.
    var isForbidden: Bool { answer.status == 403 && !isLimited }

    /// Whether the application has no right to what was asked for: some kinds of application are told that there is nothing.
    var isWithheld: Bool { isForbidden || answer.status == 404 }

    /// Whether something is left out of a list
    /// (https://docs.github.com/en/enterprise-cloud@latest/rest/authentication/authenticating-to-the-rest-api).
    var isPartial: Bool { answer.field("X-GitHub-SSO")?.lowercased().contains("partial-results") ?? false }

    /// Whether a page has a next one (https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api).
    /// - Returns: nil if GitHub does not say.
    var hasNextPage: Bool? { answer.field("Link").map { $0.contains(#"rel="next""#) } }

    private var isLimited: Bool {
        answer.field("X-RateLimit-Remaining")?.trimmingCharacters(in: .whitespaces) == "0"
            || answer.field("Retry-After") != nil
            || (try? JSONDecoder().decode(Message.self, from: Data(answer.body)))?.message?.lowercased()
                .contains("rate limit") == true
    }

    private var limit: String {
        // Somebody else's text is not repeated unless it is a number.
        let wait = answer.field("Retry-After").flatMap { Int($0) }.map { ", for \($0) s" } ?? ""
        return "GitHub's rate limit is reached (\(answer.status))\(wait)"
    }
}
