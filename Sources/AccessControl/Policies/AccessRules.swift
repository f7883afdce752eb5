public import Credentials

/// The one function that decides who may do what: the scopes of a key ∩ what the operator grants to its owner ∩ what was asked.
///
/// Every way in asks it, and none has rules of its own. Nothing is granted but what zot's rules grant: of all patterns that take a
/// repository the longest counts, in bytes; each of its policies grants on its own, `defaultPolicy` to whoever has shown who they
/// are, `anonymousPolicy` to whoever has not and to nobody else; `adminPolicy` grants beside every pattern. Pure and safe to
/// share; a decision costs some microseconds however many patterns there are.
public struct AccessRules: Sendable {
    private let tables: [PolicyTable]
    private let index: PatternIndex
    let numbers: GroupNumbers
    private let adminUsers: Set<UserName>
    private let adminGroups: [Int]
    let adminActions: ActionSet
    /// The operator's own groups, by user.
    private let made: [UserName: [GroupName]]
    /// The scopes of keys that came lately.
    private let scopes = ScopeMemory()
    /// Without access control everybody may everything who has shown who they are.
    let isOpen: Bool

    /// Who states groups of their own, as the configuration names them.
    public var authorities: Set<GroupName> { numbers.authorities }

    /// Whether anybody is let in who has not shown who they are: some pattern has an `anonymousPolicy`.
    public let letsAnonymousIn: Bool
    /// Whether those who show who they are may do more: clients that know a password must then be asked for it.
    public let isMixed: Bool

    /// No access control: whoever has shown who they are may all that the scopes of their key leave, nobody else anything.
    public static let open = AccessRules(authorities: [])

    /// The same, where there are providers or issuers of tokens that state groups of their own.
    /// - Parameter authorities: as the configuration names them.
    public static func open(authorities: Set<GroupName>) -> AccessRules { AccessRules(authorities: authorities) }

    private init(authorities: Set<GroupName>) {
        (tables, index, numbers) = ([], PatternIndex([]), GroupNumbers(.dn, authorities))
        (adminUsers, adminGroups, adminActions, made) = ([], [], [], [:])
        (isOpen, letsAnonymousIn, isMixed) = (true, false, false)
    }

    /// Checks and compiles what an operator grants.
    /// - Parameter configuration: what they grant.
    /// - Throws: ``AccessProblem`` for a pattern that is none, and for two of the same length that take one repository.
    public init(_ configuration: AccessConfiguration) throws(AccessProblem) {
        var numbers = GroupNumbers(configuration.groupNames, configuration.authorities)
        var tables: [PolicyTable] = []
        for repositories in configuration.repositories {
            do throws(GlobProblem) {
                tables.append(PolicyTable(repositories, try Glob(repositories.pattern), &numbers))
            } catch {
                throw AccessProblem(pattern: repositories.pattern, "\(error)")
            }
        }
        if let (first, second) = PatternTies.find(tables.map(\.glob)) {
            throw AccessProblem(
                pattern: second.text,
                "is as long as `\(first)` and takes some of the same repositories: no rule says which of them counts"
                    + "; make the one that shall count longer")
        }
        let admin = configuration.adminPolicy
        adminUsers = Set(admin?.users ?? [])
        adminGroups = (admin?.groups ?? []).map { numbers.number($0) }
        adminActions = admin?.actions ?? []
        self.tables = tables
        self.numbers = numbers
        index = PatternIndex(tables.map(\.glob))
        var made: [UserName: [GroupName]] = [:]
        for (group, users) in configuration.groups {
            for user in Set(users) { made[user, default: []].append(group) }
        }
        self.made = made
        isOpen = false
        letsAnonymousIn = tables.contains { !$0.anonymousPolicy.isEmpty }
        let hasMore = configuration.repositories.contains { !$0.defaultPolicy.isEmpty || !$0.policies.isEmpty }
        isMixed = letsAnonymousIn && (hasMore || !adminUsers.isEmpty || !adminGroups.isEmpty)
    }

    /// Works out what the rules need to know of somebody.
    /// - Parameter principal: who it is; nil for somebody who has not shown who they are.
    /// - Returns: what to ask for decisions with. Good for as long as the principal is.
    public func subject(_ principal: Principal?) -> AccessSubject {
        guard let principal else { return AccessSubject(userName: nil, scopes: KeyScopes([]), groups: GroupSet()) }
        return AccessSubject(
            userName: principal.userName, scopes: KeyScopes(of: principal.method, scopes),
            groups: numbers.set(principal.groups, made: made[principal.userName] ?? []))
    }

    /// Decides on one right.
    /// - Parameters:
    ///   - subject: who wants it.
    ///   - right: what they want.
    /// - Returns: the decision, with its reason.
    public func decide(_ subject: AccessSubject, _ right: RepositoryRight) -> AccessDecision {
        var question = ScopeQuestion(subject.scopes)
        return decide(subject, right, &question)
    }

    /// Decides on the rights that one request wants. What its key's scopes may cost is bounded for all of them together.
    /// - Parameters:
    ///   - subject: who wants them.
    ///   - rights: what they want.
    /// - Returns: a decision for each, in their order.
    public func decide(_ subject: AccessSubject, _ rights: [RepositoryRight]) -> [AccessDecision] {
        var question = ScopeQuestion(subject.scopes)
        return rights.map { decide(subject, $0, &question) }
    }

    private func decide(
        _ subject: AccessSubject, _ right: RepositoryRight, _ question: inout ScopeQuestion
    ) -> AccessDecision {
        func denied(_ cause: AccessDenial.Cause) -> AccessDecision { Self.denied(subject, cause, right) }
        guard let left = question.actions(on: right.repository) else { return denied(.effort) }
        guard left.contains(right.action) else {
            return denied(.scopes(subject.scopes.scopes.map(\.text)))
        }
        guard !isOpen else { return subject.userName == nil ? denied(.anonymous) : .allowed(.noAccessControl) }
        let table = index.longest(right.repository).map { tables[$0] }
        if let rule = table?.rule(subject, right.action, numbers) { return .allowed(rule) }
        if isAdministrator(subject), adminActions.contains(right.action) { return .allowed(.adminPolicy) }
        return denied(table.map { .noGrant(pattern: $0.glob.text) } ?? .noPattern)
    }

    /// Decides on a request to a registry.
    /// - Parameters:
    ///   - subject: whose request it is.
    ///   - request: what it asks for.
    /// - Returns: the first denial, if any right that it needs is not granted.
    public func decide(_ subject: AccessSubject, _ request: RegistryRequest) -> AccessDecision {
        switch request {
        case .login: return decideLogin(subject)
        case .catalog: return decideCatalog(subject)
        case .rights(let rights):
            var decision = AccessDecision.allowed(.noResource)
            var question = ScopeQuestion(subject.scopes)
            for right in rights {
                decision = decide(subject, right, &question)
                guard decision.isAllowed else { return decision }
            }
            return decision
        }
    }

    /// Decides on a request that names no resource, and is known to name none.
    /// - Parameter subject: whose request it is.
    /// - Returns: allowed for whoever has shown who they are, and for others where some repository is open to them.
    public func decideLogin(_ subject: AccessSubject) -> AccessDecision {
        guard subject.userName != nil || letsAnonymousIn else {
            return Self.denied(subject, .anonymous)
        }
        return .allowed(.noResource)
    }

    /// Decides on a request of which nobody says what it is about: a key with scopes is refused.
    /// - Parameter subject: whose request it is.
    /// - Returns: allowed for whoever has shown who they are, and is not limited to some repositories.
    public func decideUnknownResource(_ subject: AccessSubject) -> AccessDecision {
        guard subject.userName != nil else { return Self.denied(subject, .anonymous) }
        return subject.scopes.isUnlimited ? .allowed(.noResource) : Self.denied(subject, .unknownResource)
    }

    /// The catalog names every repository. zot leaves out what may not be read; a service beside the registry can't, and lets in
    /// those for whom nothing would be left out.
    private func decideCatalog(_ subject: AccessSubject) -> AccessDecision {
        func denied(_ cause: AccessDenial.Cause) -> AccessDecision { Self.denied(subject, cause) }
        guard subject.scopes.allowEverywhere(.read) else { return denied(.catalog) }
        guard !isOpen else { return subject.userName == nil ? denied(.anonymous) : .allowed(.noAccessControl) }
        if isAdministrator(subject) { return .allowed(.adminPolicy) }
        let mayReadAll =
            tables.contains(where: \.glob.matchesEverything)
            && tables.allSatisfy { $0.rule(subject, .read, numbers) != nil }
        return mayReadAll ? .allowed(.everyRepository) : denied(.catalog)
    }

    private static func denied(
        _ subject: AccessSubject, _ cause: AccessDenial.Cause, _ right: RepositoryRight? = nil
    ) -> AccessDecision {
        .denied(AccessDenial(right: right, cause: cause, userName: subject.userName))
    }

    /// Whether the `adminPolicy` names somebody.
    /// - Parameter subject: who.
    public func isAdministrator(_ subject: AccessSubject) -> Bool {
        guard let userName = subject.userName else { return false }
        return adminUsers.contains(userName) || adminGroups.contains { subject.groups.contains($0) }
    }

    /// Whether somebody is in a group, as policies mean groups.
    /// - Parameters:
    ///   - principal: who.
    ///   - group: its name, as a policy would write it.
    public func isMember(_ principal: Principal, of group: GroupName) -> Bool {
        var wanted = GroupNumbers(isOpen ? .both : numbers.mode, numbers.authorities)
        let number = wanted.number(group)
        return wanted.set(principal.groups, made: made[principal.userName] ?? []).contains(number)
    }

    /// The operator's own groups that somebody is in.
    func groupsMade(for userName: UserName) -> [GroupName] { (made[userName] ?? []).sorted() }

    /// The patterns that take a repository, the one that counts first.
    func patterns(taking repository: RepositoryName) -> [PolicyTable] {
        tables.filter { $0.glob.matches(repository) }.sorted { $0.glob.text.utf8.count > $1.glob.text.utf8.count }
    }
}
