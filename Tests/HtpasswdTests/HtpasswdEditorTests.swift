import Credentials
import Foundation
import Logging
import TestSupport
import Testing

@testable import Htpasswd

@Suite("Changing an htpasswd file")
struct HtpasswdEditorTests {
    private let folder: TemporaryFolder
    private let hash: PasswordHash

    init() throws {
        folder = try TemporaryFolder()
        hash = try PasswordHash(of: Secret("new"), method: .bcrypt(cost: 4))
    }

    private var text: String { String(decoding: hash.bytes, as: UTF8.self) }

    @Test("Comments, order, odd lines, white space and further fields stay byte for byte")
    func preserves() throws {
        let before = "# head\r\n\r\n  amy:old:Amy A.\r\nodd line\r\nbob:x\r\namy:second\r\nlast:y"
        let path = try folder.write("f", before)
        #expect(try HtpasswdEditor(path: path).set("amy", to: hash))
        #expect(try folder.text("f") == before.replacing("amy:old:", with: "amy:\(text):"))
        #expect(try !HtpasswdEditor(path: path).set("zoe", to: hash))
        #expect(try folder.text("f").hasSuffix("last:y\r\nzoe:\(text)\r\n"))
        #expect(try HtpasswdEditor(path: path).remove("amy"))
        #expect(
            try folder.text("f") == "# head\r\n\r\nodd line\r\nbob:x\r\nlast:y\r\nzoe:\(text)\r\n", "both of her lines")
        #expect(try !HtpasswdEditor(path: path).remove("amy"))
    }

    @Test("Mode and link stay; a new file is not for everybody; no temporary file is left")
    func files() throws {
        let path = try folder.write("real", "amy:x\n")
        chmod(path, 0o604)
        try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: "real")
        try HtpasswdEditor(path: folder.path("link")).set("amy", to: hash)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(
            mode == 0o604 && (try? FileManager.default.destinationOfSymbolicLink(atPath: folder.path("link"))) == "real"
        )
        #expect(try folder.text("real") == "amy:\(text)\n")
        try HtpasswdEditor(path: folder.path("new")).set("amy", to: hash)
        let new = try FileManager.default.attributesOfItem(atPath: folder.path("new"))[.posixPermissions] as? Int
        #expect(new == 0o640)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.root.path).sorted()
        #expect(names == ["link", "new", "new.lock", "real", "real.lock"])
    }

    @Test("A name that can't stand in such a file is refused", arguments: ["", "a:b", "a\nb", "#a", " a", "a ", "\0"])
    func names(name: String) throws {
        #expect(throws: HtpasswdEditError.self) {
            try HtpasswdEditor(path: folder.path("f")).set(UserName(name), to: hash)
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path("f")))
    }

    @Test("Many writers at once, Apache's among them, lose no user of ours and leave a whole file")
    func concurrent() async throws {
        let path = try folder.write("f", "start:x\n")
        let editor = HtpasswdEditor(path: path)
        let lane = WorkLane(name: "writers", threads: 8, maximumQueued: 200)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for i in 0..<40 {
                group.addTask { _ = try await lane.run { Result { try editor.set("user\(i)", to: hash) } }.get() }
            }
            try await group.waitForAll()
        }
        let table = HtpasswdTable(bytes: Array(try Data(contentsOf: folder.url("f"))))
        #expect(table.userCount == 41)
        for i in 0..<40 { #expect(table.entry(of: "user\(i)") != nil) }
    }

    @Test("A change by a writer without our lock is not lost")
    func foreignWriter() async throws {
        let path = try folder.write("f", "")
        let program = try Program("htpasswd", package: "apache2-utils")
        // One after the other: each must see what the other one has written.
        for i in 0..<10 {
            _ = try await program.run(["-bs", path, "apache\(i)", "x"])
            try HtpasswdEditor(path: path).set("ours\(i)", to: hash)
        }
        let table = HtpasswdTable(bytes: Array(try Data(contentsOf: folder.url("f"))))
        #expect(table.userCount == 20 && table.diagnosticCount == 0)
    }

    @Test(
        "Apache's htpasswd -v accepts what was written",
        arguments: [HashMethod.bcrypt(cost: 5), .sha512Crypt, .yescrypt])
    func apacheAccepts(method: HashMethod) async throws {
        let path = folder.path("f")
        try HtpasswdEditor(path: path).set("amy", to: PasswordHash(of: Secret("pässword"), method: method))
        let program = try Program("htpasswd", package: "apache2-utils")
        #expect(try await program.run(["-vb", path, "amy", "pässword"]).status == 0)
        #expect(try await program.run(["-vb", path, "amy", "password"]).status != 0)
    }

    @Test("What can't be hashed is refused: too long for bcrypt, empty, a NUL")
    func unhashable() {
        #expect(throws: PasswordHash.MakeError.tooLongForBcrypt) {
            try PasswordHash(of: Secret(String(repeating: "x", count: 73)), method: .bcrypt(cost: 4))
        }
        for secret in ["", "a\0b"] {
            #expect(throws: PasswordHash.MakeError.forbidden) { try PasswordHash(of: Secret(secret)) }
        }
        #expect(throws: Never.self) {
            try PasswordHash(of: Secret(String(repeating: "x", count: 73)), method: .yescrypt)
        }
    }

    @Test("For any text, setting and removing a user changes that user alone")
    func random() {
        let pieces = ["a", "b", ":", "\n", "\r\n", "#", " ", "é", "x"]
        for _ in 0..<1500 {
            let mark = Bool.random() ? "\u{FEFF}" : ""
            let before = Array(
                (mark + (0..<Int.random(in: 0...25)).map { _ in pieces.randomElement() ?? "" }.joined()).utf8)
            let others = HtpasswdTable(bytes: before).users.map(\.name).filter { $0 != "a" }
            let set = HtpasswdText(before).setting("a", to: hash.bytes).bytes
            #expect(HtpasswdText(set).hash(of: "a") == hash.bytes)
            #expect(HtpasswdTable(bytes: set).users.map(\.name).filter { $0 != "a" } == others)
            let removed = HtpasswdText(set).removing("a").bytes
            #expect(HtpasswdTable(bytes: removed).users.map(\.name) == others)
        }
    }

    @Test("Rehash at login replaces a weak hash in the file, and the user goes on logging in")
    func rehash() async throws {
        let program = try Program("htpasswd", package: "apache2-utils")
        _ = try await program.run(["-cbs", folder.path("f"), "amy", "apple"])
        var options = HtpasswdSource.Options()
        (options.rehash, options.rehashMethod) = (true, .bcrypt(cost: 10))
        let source = try await HtpasswdSource(
            path: folder.path("f"), hashing: WorkLane(name: "hashing", threads: 1, maximumQueued: 10), options: options,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let watcher = Task { await source.watch() }
        defer { watcher.cancel() }
        func judge(_ password: String) async -> Bool {
            if case .authenticated = await source.judge(.init(userName: "amy", secret: Secret(password))) {
                true
            } else {
                false
            }
        }
        #expect(await !judge("pear"))
        #expect(try folder.text("f").contains("{SHA}"), "a wrong password strengthens nothing")
        let state = try #require(source.passwordState(of: "amy")).hexadecimal
        #expect(await judge("apple"))
        try await eventually("the file has a strong hash") { try folder.text("f").hasPrefix("amy:$2y$10$") }
        try await eventually("it is in force") { source.table.typicalHash?.format == .bcrypt }
        #expect(await judge("apple"))
        #expect(source.isPasswordState(state, of: "amy"), "what was granted by the password goes on")
        #expect(source.passwordState(of: "amy")?.hexadecimal != state)
        _ = try await program.run(["-bs", folder.path("f"), "amy", "apple"])
        try await eventually("somebody has set it anew") { source.table.typicalHash?.format != .bcrypt }
        #expect(source.isPasswordState(state, of: "amy"), "the same line is the same password")
        _ = try await program.run(["-bs", folder.path("f"), "amy", "pear"])
        try await eventually("it is another password") { await judge("pear") }
        #expect(!source.isPasswordState(state, of: "amy"))
    }

    @Test("Groups come from the group file, and follow its changes")
    func groups() async throws {
        var options = HtpasswdSource.Options()
        options.groupFile = try folder.write("groups", "staff: amy\n")
        let source = try await HtpasswdSource(
            path: try folder.write("f", "amy:\(text)\n"), hashing: WorkLane(name: "h", threads: 1, maximumQueued: 10),
            options: options, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let watcher = Task { await source.watch() }
        defer { watcher.cancel() }
        func groups() async -> [String] {
            if case .authenticated(let amy) = await source.judge(.init(userName: "amy", secret: Secret("new"))) {
                amy.groups.map(\.name.text)
            } else {
                []
            }
        }
        #expect(await groups() == ["staff"])
        try folder.write("groups", "staff: amy\nadmins: amy\n")
        try await eventually("the new group is there") { await groups() == ["staff", "admins"] }
    }
}
