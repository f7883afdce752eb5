import APIKeys
import Credentials
import Foundation

extension APIKeyRing {
    /// Revokes what is selected, and returns only those that had not been revoked before: the others are no news.
    func newlyRevoked(
        _ selection: KeySelection, cause: KeyRevocation.Cause
    ) async throws(SourceFailure) -> [APIKeyRecord] {
        // Stored times are whole microseconds.
        let begun = now.addingTimeInterval(-0.001)
        return try await revoke(selection, cause: cause).filter { key in
            key.revocation.map { $0.date >= begun } ?? false
        }
    }
}
