import Foundation
import TestSupport
import Testing

@Suite("The house: which module knows which")
struct ArchitectureTests {
    /// The modules, and what each may import of the others: docs/design.md, "Modules".
    private static let arrows: [String: Set<String>] = [
        "CCrypt": [], "CArgon2": [], "CLDAP": [], "CBuild": [], "CPostgreSQL": [],
        "Credentials": [],
        "AccessControl": ["Credentials"],
        "Htpasswd": ["Credentials", "CCrypt", "CArgon2"],
        "LDAPDirectory": ["Credentials", "CLDAP"],
        "APIKeys": ["Credentials", "AccessControl"],
        "Sessions": ["Credentials"],
        "OpenIDConnect": ["Credentials"],
        "SQLiteStorage": ["APIKeys", "Sessions", "Credentials"],
        "PostgreSQLStorage": ["APIKeys", "Sessions", "Credentials", "CPostgreSQL"],
        "RegistryTokens": ["Credentials", "AccessControl"],
        "AuthService": ["Credentials", "AccessControl", "APIKeys", "Sessions", "OpenIDConnect", "RegistryTokens"],
        "latchkey": [
            "Credentials", "AccessControl", "Htpasswd", "LDAPDirectory", "APIKeys", "SQLiteStorage",
            "PostgreSQLStorage", "RegistryTokens", "Sessions", "OpenIDConnect", "AuthService", "CBuild",
        ],
    ]
    private static let sources = Slapd.repository.appending(path: "Sources")

    private func files(of module: String) throws -> [URL] {
        let all = FileManager.default.enumerator(
            at: Self.sources.appending(path: module), includingPropertiesForKeys: nil)
        return (all?.allObjects ?? []).compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
    }

    @Test("Every folder of Sources is a module of the table, and the other way round")
    func complete() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path)
        #expect(Set(folders) == Set(Self.arrows.keys))
    }

    @Test("No file imports a module that its own may not know")
    func imports() throws {
        for (module, allowed) in Self.arrows {
            for file in try files(of: module) {
                let text = try String(contentsOf: file, encoding: .utf8)
                for match in text.matches(
                    of:
                        #/(?m)^\s*(?:(?:public|package|internal|@testable) )*import (?:(?:struct|class|enum|func) )?(\w+)/#
                ) {
                    let name = String(match.output.1)
                    guard Self.arrows[name] != nil else { continue }
                    #expect(allowed.contains(name), "\(module)/\(file.lastPathComponent) imports \(name)")
                }
            }
        }
    }

    @Test("Package.swift gives each target the modules that it may know, and no others")
    func package() throws {
        let text = try String(
            contentsOf: Slapd.repository.appending(path: "Package.swift"), encoding: .utf8)
        var found: Set<String> = []
        for match in text.matches(
            of: #/\.(?:target|executableTarget)\(\s*name: "(\w+)",\s*dependencies: \[([\s\S]*?)\],/#)
        {
            let module = String(match.output.1)
            guard let allowed = Self.arrows[module] else { continue }
            found.insert(module)
            let dependencies = match.output.2.matches(of: #/(?:^|[\s\[,])"(\w+)"/#).map { String($0.output.1) }
            let ours = dependencies.filter { Self.arrows[$0] != nil }
            #expect(Set(ours).isSubset(of: allowed), "\(module): \(ours)")
        }
        #expect(found == Set(Self.arrows.keys.filter { !$0.hasPrefix("C") || $0 == "Credentials" }))
    }

    @Test("C is spoken only in the files that wrap it")
    func pointers() throws {
        let wrappers: Set = [
            "LibCrypt.swift", "Argon2.swift", "LDAPConnection.swift", "TLSContexts.swift", "LDAPError.swift",
        ]
        for module in Self.arrows.keys {
            for file in try files(of: module) where !wrappers.contains(file.lastPathComponent) {
                let text = try String(contentsOf: file, encoding: .utf8)
                for library in ["CCrypt", "CArgon2", "CLDAP"] {
                    #expect(!text.contains("import \(library)"), "\(file.lastPathComponent) imports \(library)")
                }
            }
        }
    }
}
