// The code of Sources/Htpasswd/Htpasswd.docc/AFileOfUsers.md: ArticlesTests compares the two.
import Credentials
import Htpasswd
import Logging

enum HtpasswdArticle {
    static func ask(path: String) async throws {
        try HtpasswdEditor(path: path).set(
            "ann", to: PasswordHash(of: Secret("open sesame"), method: .bcrypt(cost: 10)))

        let hashing = WorkLane(name: "hashing", threads: 2, maximumQueued: 256, priority: .leftover)
        let users = try await HtpasswdSource(path: path, hashing: hashing, logger: Logger(label: "app"))
        switch await users.judge(BasicCredential(userName: "ann", secret: Secret("open sesame"))) {
        case .authenticated(let principal): print("hello", principal.userName)
        case .rejected, .unknownUser: print("no")
        case .unavailable: print("later")  // the lane is full: this says nothing about the password
        }
    }

    static func limit(bytes: [UInt8]) {
        var limits = HashLimits()
        limits.maximumTime = .milliseconds(500)
        limits.maximumTimes[.yescrypt] = .seconds(1)
        limits.maximumMemory = 128 << 20

        var table = HtpasswdTable.Limits()
        table.hashes = limits
        for diagnostic in HtpasswdTable(bytes: bytes, limits: table).diagnostics { print(diagnostic) }
    }
}
