import Foundation
import Logging

/// swift-log's lines as text (`2026-01-02T03:04:05.678Z info login user=alice`) or as JSON, one object a line.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let format: Configuration.Log.Format
    private let writer: LineWriter

    init(writer: LineWriter, format: Configuration.Log.Format, level: Logger.Level) {
        self.writer = writer
        self.format = format
        self.logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
            .map { ($0.key, "\($0.value)") }
        writer.write(
            LogLine.render(format, time: .now, level: "\(event.level)", message: "\(event.message)", fields: fields))
    }
}
