/// The hash table over the lines of an htpasswd file: linear probing, places that hold offsets.
enum HtpasswdIndex {
    /// How many places a table for this many users needs: a power of two, at most three quarters full.
    static func capacity(for users: Int) -> Int {
        var capacity = 8
        while capacity * 3 < users * 4 { capacity *= 2 }
        return capacity
    }

    /// The offset of the line of this user.
    static func find(_ name: ArraySlice<UInt8>, in slots: [UInt32], of bytes: [UInt8], seed: UInt64) -> Int? {
        let occupant = slots[place(of: name, in: slots, of: bytes, seed: seed)]
        return occupant == 0 ? nil : Int(occupant) - 1
    }

    /// The place of this user, or the empty place where they would go. The table is never full.
    static func place(of name: ArraySlice<UInt8>, in slots: [UInt32], of bytes: [UInt8], seed: UInt64) -> Int {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: hash(name, seed: seed)) & mask
        while slots[place] != 0, !begins(at: Int(slots[place]) - 1, with: name, in: bytes) {
            place = (place + 1) & mask
        }
        return place
    }

    private static func begins(at offset: Int, with name: ArraySlice<UInt8>, in bytes: [UInt8]) -> Bool {
        guard offset + name.count < bytes.count, bytes[offset + name.count] == UInt8(ascii: ":") else { return false }
        var i = 0
        while i < name.count {
            if bytes[offset + i] != name[name.startIndex + i] { return false }
            i += 1
        }
        return true
    }

    /// FNV-1a under a seed, with a final mix: the low bits choose the place.
    private static func hash(_ name: ArraySlice<UInt8>, seed: UInt64) -> UInt64 {
        var hash = 0xCBF2_9CE4_8422_2325 ^ seed
        var i = name.startIndex
        while i < name.endIndex {
            hash = (hash ^ UInt64(name[i])) &* 0x100_0000_01B3
            i += 1
        }
        return hash ^ (hash >> 29)
    }
}
