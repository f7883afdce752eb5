import Credentials

/// The head of a signed token (RFC 7515, 4), read before anything of it is believed.
struct TokenHeader: Sendable {
    let algorithm: String
    let keyID: String?

    /// Reads the head of a token.
    /// - Parameters:
    ///   - bytes: the head, decoded.
    ///   - algorithms: the algorithms that count.
    /// - Throws: ``LoginProblem`` for what is no head of a signed token, or says that it is signed in a way that does not count.
    init(_ bytes: [UInt8], algorithms: [String]) throws(LoginProblem) {
        guard let members = try? JSONReader.object(bytes), case .text(let algorithm)? = members["alg"] else {
            throw .token("it is no signed JSON Web Token")
        }
        switch members["kid"] {
        case nil, .null?: keyID = nil
        case .text(let text)?: keyID = text
        default: throw .token("its head names its key by what is no text")
        }
        guard algorithms.contains(algorithm), !algorithm.hasPrefix("HS"), algorithm != "none" else {
            throw .token("it is signed by an algorithm that does not count")
        }
        guard members["crit"] == nil else { throw .token("its head has crit, which nothing here understands") }
        self.algorithm = algorithm
    }
}
