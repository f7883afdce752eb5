/// What one step of an operator's look at a directory came to.
public struct DirectoryFinding: Sendable {
    /// The steps, in the order in which each server is taken through them.
    public enum Step: String, Sendable, Hashable {
        /// The DNS names servers for the domain.
        case discovery
        /// The host has an address.
        case resolution
        /// The port takes connections.
        case connection
        /// The server shows a certificate that is trusted, for its name.
        case tls
        /// The service account is let in.
        case serviceBind = "service bind"
        /// The entry below which people or groups are searched is there.
        case base
    }

    /// Which step.
    public let step: Step
    /// The server's URL; the domain for discovery.
    public let server: String
    /// Why it failed; nil if it did not.
    public let problem: String?
    /// What was found, or what to look at.
    public let detail: String
    init(_ step: Step, _ server: String, problem: String? = nil, _ detail: String) {
        self.step = step
        self.server = server
        self.problem = problem
        self.detail = detail
    }
}
