import CArgon2
import Credentials

/// `$argon2id$`, `$argon2i$` and `$argon2d$` (RFC 9106) through libargon2. No pointer leaves this file.
enum Argon2 {
    /// What a hash costs, in the encoded form `$argon2id$v=19$m=…,t=…,p=…$salt$digest`. Without a version it is of the
    /// first one, 1.0, as libargon2 reads it.
    /// - Throws: a defect if it is not of this form.
    static func cost(of hash: ArraySlice<UInt8>) throws(PasswordHash.Defect) -> HashCost {
        var fields = hash.split(separator: UInt8(ascii: "$")).map { String(decoding: $0, as: UTF8.self) }
        if fields.count == 5, fields[1].hasPrefix("v=") { fields.remove(at: 1) }
        guard fields.count == 4, fields[2].utf8.count >= 11, fields[3].utf8.count >= 16 else {
            throw .malformed("argon2 needs parameters, salt and digest")
        }
        var parameters: [String: Int] = [:]
        for parameter in fields[1].split(separator: ",") {
            let parts = parameter.split(separator: "=", maxSplits: 1)
            if parts.count == 2, let value = Int(parts[1]) { parameters[String(parts[0])] = value }
        }
        guard let memory = parameters["m"], let passes = parameters["t"], let lanes = parameters["p"] else {
            throw .malformed("argon2 needs the parameters m, t and p")
        }
        // Each lane is a thread.
        guard memory >= 8, passes >= 1, (1...64).contains(lanes) else {
            throw .malformed("argon2 with m=\(memory), t=\(passes), p=\(lanes) is outside what libargon2 takes")
        }
        return .argon2(memory: memory, passes: passes)
    }

    /// Hashes a phrase and drops the result: to measure how long it takes.
    static func spend(_ phrase: [UInt8], memory: UInt32, passes: UInt32) {
        var digest = [UInt8](repeating: 0, count: 32)
        let salt = Array("abcdefghijklmnop".utf8)
        _ = argon2id_hash_raw(passes, memory, 1, phrase, phrase.count, salt, salt.count, &digest, digest.count)
    }

    static func verify(_ secret: Secret, hash: [UInt8]) -> PasswordHash.Check {
        let encoded = hash.map { CChar(bitPattern: $0) } + [0]
        let kind: argon2_type =
            hash.starts(with: "$argon2id$".utf8) ? Argon2_id : hash.starts(with: "$argon2i$".utf8) ? Argon2_i : Argon2_d
        // libargon2 compares in constant time.
        switch argon2_error_codes(argon2_verify(encoded, secret.bytes, secret.bytes.count, kind)) {
        case ARGON2_OK: return .match
        case ARGON2_VERIFY_MISMATCH: return .mismatch
        default: return .unusable
        }
    }
}
