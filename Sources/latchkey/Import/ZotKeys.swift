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
        var userName: String
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
    /// What could not be taken over, a sentence each.
    let problems: [String]

    /// Reads a file.
    /// - Throws: `BoltFile.Damage`.
    init(bytes: [UInt8]) throws(BoltFile.Damage) {
        let file = try BoltFile(bytes: bytes)
        guard let digests = try file.bucket("UserAPIKeys"), let users = try file.bucket("UserData") else {
            throw BoltFile.Damage(description: "has no API keys: it is no meta.db of zot, or of a version without them")
        }
        var (keys, problems): ([Key], [String]) = ([], [])
        var details: [String: [String: User.Detail]] = [:]
        for (key, value) in users {
            let name = String(decoding: key, as: UTF8.self)
            guard let value else { continue }
            do {
                details[name] = try JSONDecoder().decode(User.self, from: Data(value)).APIKeys ?? [:]
            } catch {
                problems.append("the record of \(name) can't be read: \(error)")
            }
        }
        for (key, value) in digests {
            let (hash, name) = (String(decoding: key, as: UTF8.self), String(decoding: value ?? [], as: UTF8.self))
            guard let digest = APIKeyDigest(hexadecimal: hash) else {
                problems.append("a key of \(name) has a digest that is none: \(hash.prefix(70))")
                continue
            }
            guard let detail = details[name]?[hash] else {
                problems.append("a key of \(name) has no record: \(hash.prefix(12))…")
                continue
            }
            keys.append(Key(digest, name, detail))
        }
        (self.keys, self.problems) = (keys, problems)
    }
}

extension ZotKeys.Key {
    fileprivate init(_ digest: APIKeyDigest, _ userName: String, _ detail: ZotKeys.User.Detail) {
        /// Go's zero time is no time.
        func date(_ text: String?) -> Date? {
            guard let text, !text.hasPrefix("0001-") else { return nil }
            return RFC3339.parse(text)
        }
        self.init(
            digest: digest, userName: userName, id: detail.uuid.flatMap { UUID(uuidString: $0) } ?? UUID(),
            label: detail.label ?? "", scopes: detail.scopes ?? [], createdAt: date(detail.createdAt) ?? .now,
            expirationDate: date(detail.expirationDate), lastUsed: date(detail.lastUsed),
            creatorUserAgent: String((detail.creatorUa ?? "").prefix(512)))
    }
}
