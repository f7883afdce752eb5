public import Credentials

/// The names that the operator's rules give rights to. Nobody gets one by coming first: an operator has somebody in mind.
///
/// A name in another case is the same, as for many an application it is.
public struct ReservedNames: Sendable {
    /// As they are compared: without regard to case.
    private let names: Set<UserName>

    /// Reserves names.
    /// - Parameter names: those that rules name; none to reserve nothing.
    public init(_ names: some Sequence<UserName> = []) {
        self.names = Set(names.map(Self.folded))
    }

    /// Whether a name is reserved.
    func contains(_ name: UserName) -> Bool { !names.isEmpty && names.contains(Self.folded(name)) }

    private static func folded(_ name: UserName) -> UserName { UserName(StringPreparation.caseIgnore(name)) }
}
