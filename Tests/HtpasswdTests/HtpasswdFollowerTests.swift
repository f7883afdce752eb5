import Credentials
import Testing

@testable import Htpasswd

@Suite("Whoever wants to know who has left an htpasswd file")
struct HtpasswdFollowerTests {
    private func table(_ users: String...) -> HtpasswdTable {
        HtpasswdTable(bytes: Array(users.map { "\($0):{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n" }.joined().utf8))
    }

    private func reload(_ old: HtpasswdTable?, _ new: HtpasswdTable) -> HtpasswdReload {
        HtpasswdReload(old: old, new: new)
    }

    @Test("Somebody has left whom the file had and has not, and whoever is not in a file that is new")
    func left() {
        let change = reload(table("amy", "bob"), table("bob", "cy"))
        #expect(change.hasLeft("amy") && !change.hasLeft("bob") && !change.hasLeft("cy") && !change.hasLeft("dan"))
        let first = reload(nil, table("bob"))
        #expect(first.hasLeft("amy") && !first.hasLeft("bob"))
    }

    @Test("Each reload is told in order and until it is taken, and only so many wait")
    func told() async {
        let follower = HtpasswdFollower()
        let (isTaken, heard) = (Locked(false), Locked<[String]>([]))
        let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"]
        follower.follow { reload in
            heard.withLock { heard in heard += names.filter { reload.hasLeft(UserName($0)) } }
            return isTaken.withLock { $0 }
        }
        for (index, name) in names.enumerated() {
            #expect(follower.note(reload(table(name), table())) == (index < 8))
        }
        await follower.tell()
        await follower.tell()
        #expect(heard.withLock { $0 } == ["a", "a"])
        isTaken.withLock { $0 = true }
        await follower.tell()
        #expect(heard.withLock { $0 } == ["a", "a"] + names.prefix(8))
    }

    @Test("Where nobody wants to know, reloads are neither kept nor found to be too many")
    func nobody() async {
        let follower = HtpasswdFollower()
        for _ in 0..<20 { #expect(follower.note(reload(table("a"), table()))) }
        let count = Locked(0)
        follower.follow { _ in
            count.withLock { $0 += 1 }
            return true
        }
        await follower.tell()
        #expect(count.withLock { $0 } == 0)
    }
}
