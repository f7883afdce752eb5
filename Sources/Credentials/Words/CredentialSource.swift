/// One place that can judge a credential: an htpasswd file, a directory, the store of API keys.
///
/// A source never blocks the thread that calls it: slow work goes to a lane of its own, with a limit and a deadline.
public protocol CredentialSource: Sendable {
    /// Its name in logs and in the records of API keys.
    var name: SourceName { get }

    /// What it does with a secret that has the form of an API key (rule 2).
    var keyShapedSecrets: KeyShapedSecretPolicy { get }

    /// Whether it judges signed tokens: if any source does, a secret that has the form of one goes to those that do and to no other, as a token must
    /// not end up in a directory's log.
    var judgesTokens: Bool { get }

    /// Judges a credential.
    /// - Parameter credential: one that passed ``CredentialRules``.
    /// - Returns: the verdict. Does not throw: a failure is ``Verdict/unavailable(_:)``.
    func judge(_ credential: BasicCredential) async -> Verdict

    /// Judges a credential without waiting for anything: no suspension, no other thread, no input or output.
    /// - Parameters:
    ///   - credential: one that passed ``CredentialRules``.
    ///   - now: the time.
    /// - Returns: the principal if the source remembers it, nil if it would have to look. Never a refusal.
    func principalIfKnown(_ credential: BasicCredential, at now: ContinuousClock.Instant) -> Principal?

    /// What a memory of this user's verified password is bound to: it changes when the user's entry changes, and the source
    /// then calls ``Invalidation/note()``. Never waits.
    /// - Parameter userName: the user's name, as the client sent it.
    /// - Returns: nil if the source does not know the user, or its verdicts must not be remembered.
    func binding(of userName: UserName) -> [UInt8]?

    /// Whether ``binding(of:)`` still is what it was. Never waits.
    /// - Parameters:
    ///   - binding: what it was.
    ///   - userName: the user's name, as the client sent it.
    /// - Returns: false if the user's entry has changed, or there is none.
    func isBinding(_ binding: [UInt8], of userName: UserName) -> Bool

    /// Spends what judging a wrong password of a known user would have cost, so that an unknown user takes the same
    /// time (rule 5). Called only if the outcome is a refusal and this source's verdict was ``Verdict/unknownUser``.
    /// - Parameter credential: the credential that was refused.
    func spendCostOfRefusal(_ credential: BasicCredential) async

    /// Forgets what it remembers of a user: verdicts, groups, whether they exist.
    /// - Parameter userName: the user's name, in any spelling that the source takes for theirs.
    func forget(userName: UserName) async

    /// Whether it could judge a credential now.
    /// - Returns: its state; of what costs something to find out, an answer a few seconds old.
    func state() async -> SourceState
}

extension CredentialSource {
    /// Judges passwords or keys.
    public var judgesTokens: Bool { false }
    /// Remembers nothing.
    public func principalIfKnown(_ credential: BasicCredential, at now: ContinuousClock.Instant) -> Principal? { nil }
    /// Judges a credential now, without waiting for anything.
    public func principalIfKnown(_ credential: BasicCredential) -> Principal? { principalIfKnown(credential, at: .now) }
    /// Is not remembered.
    public func binding(of userName: UserName) -> [UInt8]? { nil }
    /// Compares with what it is now.
    public func isBinding(_ binding: [UInt8], of userName: UserName) -> Bool { self.binding(of: userName) == binding }
    /// Has nothing to forget.
    public func forget(userName: UserName) async {}
    /// Costs nothing.
    public func spendCostOfRefusal(_ credential: BasicCredential) async {}
}

/// What a source does with a secret that has the form of an API key.
public enum KeyShapedSecretPolicy: Sendable {
    /// It holds the keys: it is asked first, and asked about nothing else.
    case keysOnly
    /// It may see one as a password (htpasswd).
    case asPassword
    /// It must never see one: a failed bind with a revoked key would lock a person's account (a directory).
    case never
}
