import Credentials
import Foundation
import Logging
import ServiceLifecycle

/// Has the audit file signed every minute, and keeps in the store where it ends, so that lines that are missing at its end show too.
struct AuditCheckpoints: Service {
    /// How long the store remembers a file that nobody writes to, in seconds.
    static let memory: TimeInterval = 90 * 86_400

    let logs: ServerLogs
    let writer: LineWriter
    /// Where it is kept how the file ends; nil for nowhere.
    let store: (any CheckpointStore)?

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
    }

    /// Looks whether the file ended, when it was opened, where it had ended before: if lines are gone or were changed, that is told in the log and in the
    /// file itself.
    private func compare() async {
        guard let store, let opening = writer.opening else { return }
        do throws(SourceFailure) {
            guard let kept = try await store.checkpoint(of: Self.name(ofFile: writer.name)) else { return await keep() }
            // Reading files blocks.
            let threads = BlockingExecutor(name: "audit", threads: 1)
            let finding = await Task(executorPreference: threads) { opening.finding(by: AuditWitness(kept)) }.value
            guard let finding else { return await keep() }
            logs.tell(finding, writer)
            writer.write(AuditChain.checkpoint)
            // From here on that it was told can't be cut off either.
            await keep(replacing: true)
        } catch {
            logs.logger.error("where \(writer.name) ended before the start can't be known: \(error)")
        }
    }

    /// Keeps where the file ends, once all is written that was taken before.
    /// - Parameter replacing: whether what is kept gives way also where it lies behind: its loss was told.
    func keep(replacing: Bool = false) async {
        guard let store else { return }
        await writer.flush()
        guard let end = writer.lastLinked else { return }
        let checkpoint = AuditCheckpoint(
            file: Self.name(ofFile: writer.name), number: Int64(clamping: end.number), hash: end.hash.description,
            date: .now)
        // In a task of its own: one that is cancelled in the middle of a write can't use the store.
        await Task { [logs] in
            do throws(SourceFailure) {
                try await store.noteCheckpoint(checkpoint, replacing: replacing)
            } catch {
                logs.logger.error("where the audit file ends could not be stored: \(error)")
            }
        }.value
    }
}
