import Yams

/// What is wrong with a text in YAML, in words that have nothing of the text: the library's own show the lines around the place, and a secret
/// may stand there.
enum YAMLProblem {
    /// - Parameter error: what the library threw.
    /// - Returns: the rest of a sentence.
    static func words(_ error: any Error) -> String {
        guard let error = error as? YamlError else { return "it can't be read" }
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return "line \(mark.line), column \(mark.column): \(problem)"
        case .reader(let problem, let offset, _, _):
            return offset.map { "\(problem), at character \($0)" } ?? problem
        case .duplicatedKeysInMapping(_, let context):
            return "a key stands twice among those that begin in line \(context.mark.line)"
        case .memory: return "there is no memory for it"
        case .no, .writer, .emitter, .representer, .dataCouldNotBeDecoded: return "it can't be read"
        }
    }
}
