import Foundation
import Logging

/// swift-log's lines as text (`2026-01-02T03:04:05.678Z info login user=alice`) or as JSON, one object a line.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    private var ownLevel: Logger.Level?
    private let settings: LogSettings
    private let writer: LineWriter

    init(writer: LineWriter, settings: LogSettings) {
        self.writer = writer
        self.settings = settings
    }

    /// That of the settings, unless this logger was given one of its own.
    var logLevel: Logger.Level {
        get { ownLevel ?? settings.level }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
            .map { ($0.key, "\($0.value)") }
        writer.write(
            settings.render(
                time: .now, level: "\(event.level)", message: "\(event.message)", fields: fields))
    }
}
