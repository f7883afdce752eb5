/// What lets a known credential in without a look at anything else: its owner as their source has vouched for them.
package final class Admission: Sendable {
    /// The owner, come in by the credential.
    package let principal: Principal
    /// Their source's word.
    package let vouch: Vouch

    package init(_ principal: Principal, _ vouch: Vouch) {
        self.principal = principal
        self.vouch = vouch
    }
}
