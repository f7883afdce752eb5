import Credentials
import Foundation
import Logging
import ServiceLifecycle

/// Has the audit file signed every minute, and keeps in the store where it ends, so that lines that are missing at its end show too.
struct AuditCheckpoints: Service {
    /// How long the store remembers a file that nobody writes to, in seconds.
    static let memory: TimeInterval = 90 * 86_400

    let writer: LineWriter
    /// Where it is kept how the file ends; nil for nowhere.
    let store: (any CheckpointStore)?
    let logger: Logger

    /// What a file of this machine is called in a store that others have too.
    /// - Parameter path: where it is.
    static func name(ofFile path: String) -> String {
        "\(ProcessInfo.processInfo.hostName):\(URL(filePath: path).standardizedFileURL.path)"
    }

    func run() async throws {
        await compare()
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: .seconds(60))) != nil {
                writer.write(AuditChain.checkpoint)
                await keep()
            }
        }
        await keep()
    }

    /// Looks whether the file ended, when it was opened, where it had ended before: if lines are gone, that is told in the log and in the file itself.
    private func compare() async {
        guard let store, let found = writer.beginning else { return }
        let name = Self.name(ofFile: writer.name)
        do {
            guard let kept = try await store.checkpoint(of: name) else { return await keep() }
            let number = Int64(clamping: found.number)
            guard number < kept.number || number == kept.number && found.hash != kept.hash else { return await keep() }
            logger.error(
                "\(writer.name): lines are missing at its end, or were changed: it ended at line \(kept.number) on \(Timestamp.format(kept.date)), and at line \(number) when it was opened"
            )
            writer.write(
                LogLine.json([
                    ("time", Timestamp.format(.now)), ("event", "lines-missing"), ("expected", "\(kept.number)"),
                    ("found", "\(number)"),
                ]))
            await keep(replacing: true)
        } catch {
            logger.error("where \(writer.name) ended before the start can't be known: \(error)")
        }
    }

    /// Keeps where the file ends. In a task of its own: one that is cancelled in the middle of a write can't use the store.
    private func keep(replacing: Bool = false) async {
        guard let store, let end = writer.lastLinked else { return }
        let checkpoint = AuditCheckpoint(
            file: Self.name(ofFile: writer.name), number: Int64(clamping: end.number), hash: end.hash, date: .now)
        await Task { [logger] in
            do {
                try await store.noteCheckpoint(checkpoint, replacing: replacing)
            } catch {
                logger.error("where the audit file ends could not be stored: \(error)")
            }
        }.value
    }
}
