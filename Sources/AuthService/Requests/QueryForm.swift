import Credentials
import HTTPTypes

/// Which parameters the query of a route takes. Declared once, in the row's ``Operation``: the server goes by it, and the OpenAPI document is written
/// from it.
///
/// What is not declared is refused, and so is what stands twice: a misspelt `user` must not make "all keys of alice" "all keys of mine".
struct QueryForm: Sendable {
    /// Why a query is refused, in words for its sender.
    struct Problem: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    /// Who looks at the query.
    enum Judge: Sendable, Hashable {
        /// The table of routes, before anything else is done.
        case table
        /// The route's own reader, which refuses what it does not know.
        case reader
        /// The route's own reader, or nobody: a standard says that what is not known is passed over.
        case standard(String)
        /// Nobody: it is not for this server.
        case nobody(String)
    }

    let parameters: [QueryParameter]
    let judge: Judge

    init(_ parameters: QueryParameter..., judge: Judge = .table) {
        (self.parameters, self.judge) = (parameters, judge)
    }

    /// No parameters at all.
    static let none = QueryForm()

    /// Reads a query, by the rules of forms (https://url.spec.whatwg.org, "application/x-www-form-urlencoded"): a plus sign is a space.
    /// - Parameter query: what stands behind the question mark.
    /// - Returns: the parameters in their order, decoded.
    /// - Throws: ``Problem`` for a parameter that is not declared, stands twice, has no value where it needs one, or can't be decoded.
    func read(_ query: Substring) throws(Problem) -> [(name: String, value: String)] {
        var found: [(name: String, value: String)] = []
        for (rawName, rawValue) in FormText.pairs(query) {
            if let last = parameters.first(where: { $0.takesRest && $0.name.utf8.elementsEqual(rawName.utf8) }) {
                // What others have written ends what the query says.
                found.append((last.name, String(query[rawValue.startIndex...])))
                return found
            }
            guard let name = FormText.decoded(rawName), let value = FormText.decoded(rawValue) else {
                throw Problem(
                    description:
                        "the query can't be decoded at '\(Self.shown(rawName))': it is UTF-8, and a percent sign stands before two hexadecimal digits"
                )
            }
            guard let parameter = parameters.first(where: { !$0.takesRest && $0.name.hasSameBytes(as: name) }) else {
                throw unknown(name)
            }
            guard parameter.mayRepeat || !found.contains(where: { $0.name == parameter.name }) else {
                throw Problem(description: "the parameter '\(parameter.name)' stands twice: say it once")
            }
            guard parameter.mayBeEmpty || !value.isEmpty else {
                throw Problem(description: "the parameter '\(parameter.name)' has no value")
            }
            found.append((parameter.name, value))
        }
        return found
    }

    private func unknown(_ name: String) -> Problem {
        let known = parameters.map(\.name).joined(separator: ", ")
        return Problem(
            description: "the query takes \(known.isEmpty ? "no parameters" : known); not '\(Self.shown(name))'")
    }

    /// So much of what a client has sent as is worth telling.
    private static func shown(_ text: some StringProtocol) -> String {
        String(decoding: text.utf8.prefix(40), as: UTF8.self)
    }

    /// The list of parameters of an operation of OpenAPI 3.1, in YAML; empty if there are none to list.
    var text: String {
        let lines = parameters.filter(\.isListed).flatMap { $0.text.split(separator: "\n") }
        return lines.isEmpty ? "" : "parameters:\n" + lines.map { "  \($0)" }.joined(separator: "\n")
    }
}

extension AuthService {
    /// What is wrong with a request's query, before anybody looks at a credential or does anything.
    /// - Returns: nil for a query that the route takes, or reads itself.
    func problem(withQueryOf request: AuthRequest, _ route: Route) -> QueryForm.Problem? {
        // Most requests have none.
        guard request.path.endIndex != request.target.endIndex, route.operation.query.judge == .table else {
            return nil
        }
        do throws(QueryForm.Problem) {
            _ = try route.operation.query.read(request.query)
            return nil
        } catch {
            return error
        }
    }

    /// Refuses a query.
    func refusal(of problem: QueryForm.Problem, _ route: Route, _ request: AuthRequest) -> AuthResponse {
        record(.denied(nil, reason: problem.description), user: nil, request)
        let answer = AuthResponse.badRequest(problem.description)
        guard sessions != nil else { return finished(answer, route, request) }
        let page = failurePage(
            request, .badRequest, "badAddress", answer, title: "notFound", leadsTo: Self.accountPath)
        return finished(page, route, request)
    }
}
