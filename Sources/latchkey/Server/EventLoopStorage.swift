import NIOCore

/// A value for each event loop of a group, which only that loop ever touches.
struct EventLoopStorage<Value>: Sendable {
    private let values: [ObjectIdentifier: NIOLoopBoundBox<Value?>]
    private let make: @Sendable () -> Value

    /// - Parameters:
    ///   - group: the event loops.
    ///   - make: makes a loop's value, when it is wanted for the first time.
    init(_ group: any EventLoopGroup, _ make: @escaping @Sendable () -> Value) {
        self.make = make
        let loops = group.makeIterator().map { loop in
            (ObjectIdentifier(loop), NIOLoopBoundBox<Value?>.makeEmptyBox(eventLoop: loop))
        }
        values = Dictionary(uniqueKeysWithValues: loops)
    }

    /// The value of the calling event loop.
    func value(on loop: any EventLoop) -> Value {
        guard let box = values[ObjectIdentifier(loop)] else { return make() }
        if let value = box.value { return value }
        let value = make()
        box.value = value
        return value
    }
}
