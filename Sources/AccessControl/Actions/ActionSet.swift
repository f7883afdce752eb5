/// Some actions.
public struct ActionSet: OptionSet, Sendable, Hashable {
    /// A bit for each action, in their order.
    public let rawValue: UInt8

    /// Takes a bit for each action.
    /// - Parameter rawValue: the bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Collects actions.
    /// - Parameter actions: the actions.
    public init(_ actions: some Sequence<Action>) {
        self.init(rawValue: actions.reduce(0) { $0 | Self.bit($1) })
    }

    /// Every action.
    public static let all = ActionSet(Action.allCases)

    /// Whether an action is among them.
    /// - Parameter action: the action.
    public func contains(_ action: Action) -> Bool { rawValue & Self.bit(action) != 0 }

    /// The actions, in the order of ``Action``.
    public var actions: [Action] { Action.allCases.filter { contains($0) } }

    private static func bit(_ action: Action) -> UInt8 {
        switch action {
        case .read: 1
        case .create: 2
        case .update: 4
        case .delete: 8
        case .detectManifestCollision: 16
        }
    }
}
