import Crypto
import Foundation
import TestSupport
import Testing

@testable import latchkey

@Suite("What signatures of the audit file prove")
struct AuditSignatureTests {
    private let trail: TrailFile
    private let signer: AuditSigner
    private let key: Curve25519.Signing.PublicKey

    init() throws {
        trail = try TrailFile()
        (signer, key) = try trail.signer()
    }

    @Test("The private key is nobody else's, is never replaced, and its public half is made anew where it is gone")
    func files() throws {
        let mode = try FileManager.default.attributesOfItem(atPath: trail.folder.path("key"))[.posixPermissions]
        #expect(mode as? Int == 0o600)
        try FileManager.default.removeItem(at: trail.folder.url("key.pub"))
        let (again, same) = try trail.signer()
        #expect(again.name == signer.name && same.rawRepresentation == key.rawRepresentation)
        for text in ["", "x", "AAAA", String(repeating: "A", count: 100_000)] {
            try trail.folder.write("other", text)
            #expect(throws: ConfigurationError.self) { try AuditSigner(path: trail.folder.path("other")) }
            #expect(throws: ConfigurationError.self) { try AuditKeys(files: [trail.folder.path("other")]) }
            #expect(try trail.folder.text("other") == text)
        }
    }

    @Test("A sound file is signed to its end, says when, and that the server has stopped")
    func sound() throws {
        try trail.run(0..<5, signer)
        try trail.run(5..<9, signer)
        let sound = try trail.verify(keys: [key])
        let checkpoint = try #require(sound.checkpoint)
        #expect(checkpoint.number == sound.lastNumber && checkpoint.isTimeSigned && sound.isClosed)
        #expect(sound.report.last == "ok: the server stopped in order then, and has written nothing since")
        #expect(try trail.verify().unchecked == 4)
    }

    @Test("A file that was written anew fails, whoever has signed it, or nobody")
    func writtenAnew() throws {
        try trail.run(0..<5, signer)
        let lines = try trail.lines.map { $0.replacing("user 3", with: "mallory") }
        // With the signatures that were there.
        let kept = TrailFile.relinked(lines, AuditChain())
        #expect(TrailFile.problem(kept, keys: [key])?.contains("the signature of this checkpoint is wrong") == true)
        // With a key of their own, under its own name and under the name of ours.
        let (stranger, strangersKey) = try trail.signer("stranger")
        let forged = TrailFile.relinked(lines, AuditChain(signer: stranger), isSigning: true)
        #expect(TrailFile.problem(forged) == nil && TrailFile.problem(forged, keys: [strangersKey]) == nil)
        #expect(TrailFile.problem(forged, keys: [key])?.contains("this checkpoint is by another key") == true)
        let named = TrailFile.relinked(
            forged.map { $0.replacing(stranger.name, with: signer.name) }, AuditChain())
        #expect(TrailFile.problem(named, keys: [key])?.contains("the signature of this checkpoint is wrong") == true)
        // Without any checkpoint.
        let bare = TrailFile.relinked(lines.filter { !$0.contains("checkpoint") }, AuditChain())
        #expect(TrailFile.problem(bare) == nil)
        #expect(TrailFile.problem(bare, keys: [key])?.contains("nothing is signed by the key that was named") == true)
        #expect(TrailFile.problem([String](), keys: [key])?.contains("nothing is signed") == true)
    }

    @Test("Where the key was changed all of them are named, and each that is left out is missed")
    func changedKey() throws {
        let (second, secondKey) = try trail.signer("second")
        try trail.run(0..<3, signer)
        try trail.run(3..<6, second)
        #expect(try trail.verify(keys: [key, secondKey]).isClosed)
        for keys in [[key], [secondKey]] {
            #expect(TrailFile.problem(try trail.lines, keys: keys)?.contains("name the keys of before") == true)
        }
    }

    @Test("All of a checkpoint's line is signed: no byte of it can be changed, its time as little as any")
    func everyByte() throws {
        try trail.run(0..<2, signer)
        let lines = try trail.lines
        let last = try #require(lines.last)
        let whole = Array(last.utf8)
        for index in whole.indices {
            var bytes = whole
            // A letter of base64 into another one, a digit into another one.
            bytes[index] = bytes[index] == UInt8(ascii: "1") ? UInt8(ascii: "2") : UInt8(ascii: "1")
            let changed = lines.dropLast() + [String(decoding: bytes, as: UTF8.self)]
            let isLastOfSignature = index >= whole.count - 5
            // The last letters of 64 bytes in base64 have bits that nothing reads.
            guard !isLastOfSignature else { continue }
            let problem = TrailFile.problem(changed, keys: [key])
            // What is no checkpoint any more is signed by nobody: then the one before is the last.
            guard problem == nil else { continue }
            let verified = try verifier(changed)
            #expect(!verified.isClosed && verified.checkpoint?.number == 2, "\(index)")
        }
        let behind = last.dropLast() + #","x":"y"}"#
        #expect(TrailFile.problem(lines.dropLast() + [String(behind)], keys: [key])?.contains("signature") == true)
    }

    private func verifier(_ lines: some Sequence<String>) throws -> AuditVerifier {
        var verifier = AuditVerifier(keys: AuditKeys([key]))
        verifier.begin("audit.log")
        try verifier.take(Array(lines.map { $0 + "\n" }.joined().utf8).span)
        try verifier.endFile()
        try verifier.finish()
        return verifier
    }

    @Test(
        "A file whose end was cut off behind a checkpoint does not look fresh by another time, nor complete by a line put behind it"
    )
    func cut() throws {
        try trail.run(0..<5, signer)
        let lines = try trail.lines
        let cut = Array(lines.prefix(2))
        let time = try #require(cut[1].firstMatch(of: #/"time":"([^"]+)"/#)).output.1
        let fresh = [cut[0], cut[1].replacing(time, with: Timestamp.format(.now.addingTimeInterval(60)))]
        #expect(TrailFile.problem(fresh, keys: [key])?.contains("signature of this checkpoint is wrong") == true)
        var chain = AuditChain(number: 2, hash: AuditHash(of: cut[1]))
        let stopped = chain.linked(TrailFile.stopped)
        let verified = try verifier(cut + [stopped])
        #expect(!verified.isClosed && verified.checkpoint?.number == 2)
        #expect(verified.report.contains("note: 1 line(s) behind that are signed by nobody yet"))
        #expect(verified.report.last?.hasPrefix("note: a server that runs signs every minute") == true)
    }

    @Test("Behind a signed end comes a start, and nothing else: what somebody puts there is named")
    func putIn() throws {
        try trail.run(0..<2, signer)
        try trail.run(2..<4, signer)
        let lines = try trail.lines
        #expect(TrailFile.problem(lines) == nil)
        var chain = AuditChain(number: UInt64(lines.count), hash: AuditHash(of: try #require(lines.last)))
        for forged in [TrailFile.line(7), TrailFile.stopped, AuditFinding(.head, .changed, number: 1).line(at: .now)] {
            var chain = chain
            let line = chain.linked(forged)
            #expect(
                TrailFile.problem(lines + [line])
                    == "audit.log:\(lines.count + 1): this line was put in: the server had stopped before it, and had not started again"
            )
        }
        // What was lost on a full disk is told first, and the start may be among it.
        let lost = chain.linked(LogLine.json([("event", "lines-lost"), ("count", "1")]))
        let line = chain.linked(TrailFile.line(8))
        #expect(TrailFile.problem(lines + [lost, line]) == nil)
    }

    @Test("Checkpoints of version 1 are checked still, and their time is told as not signed")
    func versionOne() throws {
        // As earlier builds wrote them: number and hash are signed.
        let bytes = try #require(AuditSigner.keyBytes(Data(try trail.folder.text("key").utf8)))
        let private_ = try Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
        var chain = AuditChain()
        var lines = [chain.linked(TrailFile.started), chain.linked(TrailFile.stopped)]
        let signature = try private_.signature(
            for: Data("latchkey-audit-v1\n3\n\(AuditHash(of: lines[1]))\n".utf8))
        lines.append(
            chain.linked(
                LogLine.json([
                    ("time", "2026-01-02T03:04:05.678Z"), ("event", "checkpoint"), ("key", signer.name),
                    ("signature", signature.base64EncodedString()),
                ])))
        let verified = try verifier(lines)
        #expect(verified.checkpoint == .init(number: 3, time: "2026-01-02T03:04:05.678Z", isTimeSigned: false))
        #expect(verified.isClosed)
        #expect(verified.report.contains("ok: signed up to line 3, time not signed: 2026-01-02T03:04:05.678Z"))
        // A signature of the one version is none of the other.
        let newer = lines[2].replacing(#"{"v":1,"#, with: #"{"v":2,"#)
        #expect(TrailFile.problem([lines[0], lines[1], newer], keys: [key])?.contains("signature") == true)
        let unknown = lines[2].replacing(#"{"v":1,"#, with: #"{"v":3,"#)
        #expect(TrailFile.problem([lines[0], lines[1], unknown], keys: [key])?.contains("is of version 3") == true)
        // A server goes on with it.
        try trail.replace(lines)
        try trail.run(0..<2, signer)
        #expect(try trail.verify(keys: [key]).checkpoint?.isTimeSigned == true)
    }

    @Test("A file that begins within the chain, after a rotation, is signed from its first line on")
    func rotation() async throws {
        let writer = try trail.writer(signer)
        writer.write(TrailFile.started)
        writer.write(AuditChain.checkpoint)
        try await eventually("it is written") { (try? trail.lines.count) == 2 }
        try FileManager.default.moveItem(atPath: trail.path, toPath: trail.path + ".1")
        writer.write(TrailFile.line(1))
        try await eventually("it is written") { (try? trail.lines.count) == 2 }
        // copytruncate.
        try FileManager.default.copyItem(atPath: trail.path, toPath: trail.path + ".0")
        let handle = try FileHandle(forWritingTo: URL(filePath: trail.path))
        try handle.truncate(atOffset: 0)
        try handle.close()
        writer.write(TrailFile.line(2))
        writer.close()
        for file in ["audit.log.1", "audit.log.0", "audit.log"] {
            #expect(try trail.verify(file, keys: [key]).checkpoint != nil, "\(file)")
        }
        #expect(try trail.verify("audit.log.1", "audit.log.0", "audit.log", keys: [key]).count == 6)
    }
}
