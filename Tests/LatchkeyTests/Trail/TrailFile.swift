import Crypto
import Foundation
import TestSupport

@testable import latchkey

/// An audit file of a test's own, written without a server.
struct TrailFile {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    var path: String { folder.path("audit.log") }

    var lines: [String] {
        get throws { try folder.text("audit.log").split(separator: "\n").map(String.init) }
    }

    func writer(_ signer: AuditSigner? = nil) throws -> LineWriter {
        try LineWriter(auditFile: path, signer: signer) { count in
            LogLine.json([("event", "lines-lost"), ("count", "\(count)")])
        }
    }

    static func line(_ number: Int) -> String {
        LogLine.json([("event", "login"), ("user", "user \(number) é\n\u{1}")])
    }

    static let started = LogLine.json([("event", "started")])
    static let stopped = LogLine.json([("event", "stopped")])

    /// Writes lines, and lets go of the file.
    func write(_ numbers: Range<Int>, _ signer: AuditSigner? = nil) throws {
        let writer = try writer(signer)
        for number in numbers { writer.write(Self.line(number)) }
        if signer != nil { writer.write(AuditChain.checkpoint) }
        writer.close()
    }

    /// Writes what a server writes from its start to its end in order.
    func run(_ numbers: Range<Int>, _ signer: AuditSigner? = nil) throws {
        let writer = try writer(signer)
        writer.write(Self.started)
        if let finding = writer.opening?.finding { writer.write(finding.line(at: .now)) }
        writer.write(AuditChain.checkpoint)
        for number in numbers { writer.write(Self.line(number)) }
        writer.close(after: [Self.stopped, AuditChain.checkpoint])
    }

    /// Checks files as `latchkey audit verify` does.
    func verify(
        _ files: String..., keys: [Curve25519.Signing.PublicKey] = [], witnesses: [AuditWitness] = []
    ) throws -> AuditVerifier {
        var verifier = AuditVerifier(keys: AuditKeys(keys), witnesses: witnesses)
        for file in files.isEmpty ? ["audit.log"] : files { try AuditFiles.read(folder.path(file), into: &verifier) }
        try verifier.finish()
        return verifier
    }

    /// What is wrong with some bytes as a file; nil if nothing is.
    static func problem(
        _ bytes: [UInt8], keys: [Curve25519.Signing.PublicKey] = [], witnesses: [AuditWitness] = []
    ) -> String? {
        var verifier = AuditVerifier(keys: AuditKeys(keys), witnesses: witnesses)
        verifier.begin("audit.log")
        do {
            try verifier.take(bytes.span)
            try verifier.endFile()
            try verifier.finish()
            return nil
        } catch {
            return error.description
        }
    }

    /// What is wrong with some lines as a file; nil if nothing is.
    static func problem(
        _ lines: some Sequence<String>, keys: [Curve25519.Signing.PublicKey] = [], witnesses: [AuditWitness] = []
    ) -> String? {
        problem(Array(lines.map { $0 + "\n" }.joined().utf8), keys: keys, witnesses: witnesses)
    }

    /// Links lines anew, as somebody does who has changed some of them.
    /// - Parameters:
    ///   - lines: whole lines, or what is in them.
    ///   - chain: where it begins, and with whose signatures: checkpoints are signed anew if there is somebody who signs, and else stay as they are.
    static func relinked(_ lines: some Sequence<String>, _ chain: AuditChain, isSigning: Bool = false) -> [String] {
        var chain = chain
        return lines.compactMap { line in
            if isSigning, line.contains(#""event":"checkpoint""#) { return chain.link(AuditChain.checkpoint) }
            guard let start = line.range(of: #""(event|time)":"#, options: .regularExpression) else { return nil }
            return chain.link("{" + line[start.lowerBound...])
        }
    }

    /// What a head says.
    static func head(_ number: Int, _ line: String) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 20 - digits.count) + digits + " \(AuditHash(of: line))\n"
    }

    /// Writes lines as the file.
    func replace(_ lines: some Sequence<String>) throws {
        try folder.write("audit.log", lines.map { $0 + "\n" }.joined())
    }

    /// Somebody who signs, whose key is a file of the folder.
    func signer(_ name: String = "key") throws -> (AuditSigner, Curve25519.Signing.PublicKey) {
        let signer = try AuditSigner(path: folder.path(name))
        guard let bytes = AuditSigner.keyBytes(Data(try folder.text(name + ".pub").utf8)) else {
            throw NeverHappened(description: "no public key")
        }
        return (signer, try Curve25519.Signing.PublicKey(rawRepresentation: bytes))
    }
}

extension AuditChain {
    /// Makes the next line, of which a test knows that there is one.
    mutating func linked(_ line: String) -> String { link(line) ?? "nobody signs" }
}
