import Foundation

/// Rows of text in columns, which fit the terminal.
struct TextTable {
    private let rows: [[String]]
    /// The columns that give way where the terminal is narrow, the first one first.
    private let flexible: [Int]

    /// - Parameters:
    ///   - columns: the heads of the columns.
    ///   - rows: their cells. What a server puts into them can't move the cursor.
    ///   - flexible: the columns that give way where the terminal is narrow.
    init(columns: [String], rows: [[String]], flexible: [Int]) {
        self.rows = ([columns] + rows).map { $0.map(Self.plain) }
        self.flexible = flexible
    }

    /// The width of the terminal; nil where there is none.
    static var terminalWidth: Int? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// The lines of the table.
    /// - Parameter width: how many characters a line may have; nil for any number.
    func lines(width: Int?) -> [String] {
        var widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        if let width {
            // The widest of those that may gives way, down to eight characters.
            while widths.reduce(0, +) + 2 * (widths.count - 1) > width,
                let widest = flexible.max(by: { widths[$0] < widths[$1] }), widths[widest] > 8
            {
                widths[widest] -= 1
            }
        }
        return rows.map { row in
            let cells = zip(row, widths).map { cell, width in
                let cell = cell.count > width ? cell.prefix(width - 1) + "…" : Substring(cell)
                return cell + String(repeating: " ", count: width - cell.count)
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    private static func plain(_ text: String) -> String {
        String(
            text.unicodeScalars.map { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: "?"
                default: Character(scalar)
                }
            })
    }
}
