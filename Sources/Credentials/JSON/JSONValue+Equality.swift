extension JSONValue {
    /// Whether both are the same value of JSON. Texts are the same byte by byte: a claim is compared with what an operator has written, and decides.
    package static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.text(let left), .text(let right)): left.hasSameBytes(as: right)
        case (.number(let left), .number(let right)): left == right
        case (.bool(let left), .bool(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)):
            left.count == right.count
                && left.allSatisfy { name, value in
                    right.contains { $0.key.hasSameBytes(as: name) && $0.value == value }
                }
        case (.null, .null): true
        default: false
        }
    }

    /// Whether it is exactly this text.
    package func isText(_ text: some ExactName) -> Bool { self.text?.hasSameBytes(as: text.text) ?? false }

    /// Whether it is exactly this text.
    package func isText(_ text: String) -> Bool { self.text?.hasSameBytes(as: text) ?? false }

    /// Whether it is this text, or a list that has it.
    package func names(_ text: String) -> Bool { texts.contains { $0.hasSameBytes(as: text) } }
}
