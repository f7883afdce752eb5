import APIKeys
import AuthService
import Credentials
import Foundation

/// The API keys of a zot registry, from its `meta.db`: zot keeps the SHA-256 of the same 32 digits, so that nobody has to make new ones.
struct ZotKeys {
    /// A key of zot's.
    struct Key {
        var digest: APIKeyDigest
        /// The user's name as they typed it at a login.
        var userName: UserName
        var id: UUID
        var label: String
        var scopes: [String]
        var createdAt: Date
        var expirationDate: Date?
        var lastUsed: Date?
        var creatorUserAgent: String
    }

    fileprivate struct User: Decodable {
        struct Detail: Decodable {
            var createdAt: String?
            var creatorUa: String?
            var expirationDate: String?
            var isExpired: Bool?
            var label: String?
            var lastUsed: String?
            var scopes: [String]?
            var uuid: String?
        }

        /// Go's encoder writes the names of the fields as they are, its decoder takes them in any case.
        var APIKeys: [String: Detail]?
    }

    /// The keys.
    let keys: [Key]
    /// Keys that zot itself would not take, a sentence each: they are left out.
    let leftOut: [String]
    /// What can't be read, a sentence each: such keys are refused, as a guess could let somebody in for longer than zot did.
    let refused: [String]

    /// Reads a file.
    /// - Throws: `BoltFile.Damage`.
    init(bytes: [UInt8]) throws(BoltFile.Damage) {
        let file = try BoltFile(bytes: bytes)
        guard let digests = try file.bucket("UserAPIKeys"), let users = try file.bucket("UserData") else {
            throw BoltFile.Damage(description: "has no API keys: it is no meta.db of zot, or of a version without them")
        }
        var (keys, leftOut, refused): ([Key], [String], [String]) = ([], [], [])
        var details: [UserName: [String: User.Detail]] = [:]
        var unreadable: Set<UserName> = []
        for (key, value) in users {
            let name = UserName(String(decoding: key, as: UTF8.self))
            guard let value else { continue }
            do {
                // Go's decoder takes the last of two fields of one name, Foundation's the first: neither is taken.
                _ = try JSONReader.object(value)
                details[name] = try JSONDecoder().decode(User.self, from: Data(value)).APIKeys ?? [:]
            } catch {
                unreadable.insert(name)
                refused.append("the record of \(name) is not of zot's form: their keys are refused")
            }
        }
        for (key, value) in digests {
            let hash = String(decoding: key, as: UTF8.self)
            let name = UserName(String(decoding: value ?? [], as: UTF8.self))
            // It was said of their record.
            guard !unreadable.contains(name) else { continue }
            guard let digest = APIKeyDigest(hexadecimal: hash) else {
                refused.append("a key of \(name) has a digest that is none: \(hash.prefix(70))")
                continue
            }
            guard let detail = details[name]?[hash] else {
                leftOut.append("a key of \(name) has no record: \(hash.prefix(12))…")
                continue
            }
            // zot refuses such a key whatever its date is.
            guard detail.isExpired != true else {
                leftOut.append("a key of \(name) has expired in zot: \(hash.prefix(12))…")
                continue
            }
            do throws(UnreadableField) {
                keys.append(try Key(digest, name, detail))
            } catch {
                refused.append("a key of \(name) is refused, as its \(error.name) can't be read: \(hash.prefix(12))…")
            }
        }
        (self.keys, self.leftOut, self.refused) = (keys, leftOut, refused)
    }
}

/// A field of a record that can't be read.
private struct UnreadableField: Error {
    var name: String
}

extension ZotKeys.Key {
    fileprivate init(
        _ digest: APIKeyDigest, _ userName: UserName, _ detail: ZotKeys.User.Detail
    ) throws(UnreadableField) {
        /// Go's zero time is no time, and a field that is not there is one of a version that did not have it.
        func date(_ text: String?, _ name: String) throws(UnreadableField) -> Date? {
            guard let text, text != RFC3339.never else { return nil }
            guard let date = RFC3339.parse(text) else { throw UnreadableField(name: name) }
            return date
        }
        // Without it `maxLifetime` could not be kept.
        guard let created = try date(detail.createdAt, "createdAt") else { throw UnreadableField(name: "createdAt") }
        self.init(
            digest: digest, userName: userName, id: detail.uuid.flatMap { UUID(uuidString: $0) } ?? UUID(),
            label: detail.label ?? "", scopes: detail.scopes ?? [], createdAt: created,
            expirationDate: try date(detail.expirationDate, "expirationDate"),
            lastUsed: try date(detail.lastUsed, "lastUsed"), creatorUserAgent: detail.creatorUa ?? "")
    }
}
