import AccessControl
import Credentials

/// What an event loop keeps beside a principal that it knows: what would be the same for each of their requests.
final class LoopNotes: Sendable {
    let identity: IdentityHeaders
    let subject: AccessSubject

    init(_ identity: IdentityHeaders, _ subject: AccessSubject) {
        self.identity = identity
        self.subject = subject
    }
}

extension AuthService {
    /// What the event loop keeps beside a principal.
    func notes(of known: LoopMemory.Known) -> LoopNotes {
        if let notes = known.note as? LoopNotes { return notes }
        let notes = LoopNotes(identityHeaders(of: known.principal), access.subject(known.principal))
        known.note = notes
        return notes
    }

    /// What an application is told of somebody.
    func identityHeaders(of principal: Principal) -> IdentityHeaders {
        IdentityHeaders(principal, maximumBytes: maximumHeaderBytes, authorities: access.authorities)
    }
}
