// swift-tools-version: 6.2
import PackageDescription

// CI turns every warning of ours into an error. It is a switch, and not always on, so that a newer compiler's new
// warning does not break the build of somebody who only uses these libraries.
let strict = Context.environment["LATCHKEY_STRICT"] != nil
// Under ThreadSanitizer tests are more patient: see Eventually.swift.
let watchesThreads = Context.environment["LATCHKEY_SANITIZER"] == "thread"
let settings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + (strict ? [.treatAllWarnings(as: .error)] : []) + (watchesThreads ? [.define("THREAD_SANITIZER")] : [])

// What `latchkey --version` says: git knows it, or who builds from a tarball does.
let commit =
    Context.environment["LATCHKEY_COMMIT"]
    ?? Context.gitInformation.map { git in
        git.currentCommit.prefix(12) + (git.hasUncommittedChanges ? "-dirty" : "")
    } ?? ""

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")

let package = Package(
    name: "latchkey",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Credentials", targets: ["Credentials"]),
        .library(name: "AccessControl", targets: ["AccessControl"]),
        .library(name: "Htpasswd", targets: ["Htpasswd"]),
        .library(name: "LDAPDirectory", targets: ["LDAPDirectory"]),
        .library(name: "APIKeys", targets: ["APIKeys"]),
        .library(name: "Sessions", targets: ["Sessions"]),
        .library(name: "OpenIDConnect", targets: ["OpenIDConnect"]),
        .library(name: "SQLiteStorage", targets: ["SQLiteStorage"]),
        .library(name: "PostgreSQLStorage", targets: ["PostgreSQLStorage"]),
        .library(name: "RegistryTokens", targets: ["RegistryTokens"]),
        .library(name: "AuthService", targets: ["AuthService"]),
        .executable(name: "latchkey", targets: ["latchkey"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.1"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.0"),
        // A command, which is built only for `make docs`.
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    ],
    targets: [
        .systemLibrary(name: "CCrypt", pkgConfig: "libcrypt", providers: [.apt(["libcrypt-dev"])]),
        .systemLibrary(name: "CArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"])]),
        .systemLibrary(name: "CLDAP", pkgConfig: "ldap", providers: [.apt(["libldap2-dev"])]),
        .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(name: "CBuild", cSettings: [.define("LATCHKEY_COMMIT", to: "\"\(commit)\"")]),
        .target(name: "Credentials", dependencies: [crypto], swiftSettings: settings),
        .target(name: "AccessControl", dependencies: ["Credentials"], swiftSettings: settings),
        .target(
            name: "Htpasswd", dependencies: ["Credentials", "CCrypt", "CArgon2", crypto, logging],
            swiftSettings: settings),
        .target(
            name: "LDAPDirectory",
            dependencies: [
                "Credentials", "CLDAP", logging, .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
            ],
            swiftSettings: settings),
        .target(name: "APIKeys", dependencies: ["Credentials", "AccessControl", crypto], swiftSettings: settings),
        .target(
            name: "OpenIDConnect",
            dependencies: [
                "Credentials", crypto, .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings),
        .target(name: "Sessions", dependencies: ["Credentials"], swiftSettings: settings),
        .target(
            name: "SQLiteStorage",
            dependencies: [
                "APIKeys", "Sessions", "Credentials", logging, .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: settings),
        .target(
            name: "PostgreSQLStorage",
            dependencies: ["APIKeys", "Sessions", "Credentials", "CPostgreSQL", logging], swiftSettings: settings),
        .target(
            name: "RegistryTokens",
            dependencies: [
                "Credentials", "AccessControl", crypto, .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "JWTKit", package: "jwt-kit"), .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
            ],
            swiftSettings: settings),
        .target(
            name: "AuthService",
            dependencies: [
                "Credentials", "AccessControl", "APIKeys", "Sessions", "OpenIDConnect", "RegistryTokens", crypto,
                httpTypes,
                .product(name: "Mustache", package: "swift-mustache"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "latchkey",
            dependencies: [
                "Credentials", "AccessControl", "Htpasswd", "LDAPDirectory", "APIKeys", "SQLiteStorage",
                "PostgreSQLStorage", "RegistryTokens", "Sessions", "OpenIDConnect", "CBuild", "AuthService", crypto,
                logging, httpTypes,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOExtras", package: "swift-nio-extras"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings),
        .target(
            name: "TestSupport", dependencies: ["Credentials"], path: "Tests/TestSupport", swiftSettings: settings),
        .testTarget(
            name: "CredentialsTests", dependencies: ["Credentials", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "AccessControlTests", dependencies: ["AccessControl", "Credentials", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "HtpasswdTests", dependencies: ["Htpasswd", "Credentials", "TestSupport", logging],
            swiftSettings: settings),
        .testTarget(
            name: "LDAPDirectoryTests", dependencies: ["LDAPDirectory", "Credentials", "TestSupport", logging],
            swiftSettings: settings),
        .testTarget(
            name: "APIKeysTests",
            dependencies: ["APIKeys", "AccessControl", "Credentials", "SQLiteStorage", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "SessionsTests",
            dependencies: ["Sessions", "APIKeys", "Credentials", "SQLiteStorage", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "OpenIDConnectTests", dependencies: ["OpenIDConnect", "Credentials", "TestSupport", crypto],
            swiftSettings: settings),
        .testTarget(
            name: "StorageTests",
            dependencies: [
                "SQLiteStorage", "PostgreSQLStorage", "APIKeys", "Sessions", "Credentials", "TestSupport",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "SQLiteStorageTests",
            dependencies: [
                "SQLiteStorage", "APIKeys", "Sessions", "Credentials", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "RegistryTokensTests",
            dependencies: ["RegistryTokens", "AccessControl", "Credentials", "TestSupport", crypto],
            swiftSettings: settings),
        .testTarget(
            name: "AuthServiceTests",
            dependencies: [
                "AuthService", "APIKeys", "Credentials", "RegistryTokens", "AccessControl", "Sessions", "OpenIDConnect",
                "SQLiteStorage", "TestSupport", httpTypes,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ArticlesTests",
            dependencies: [
                "Credentials", "AccessControl", "Htpasswd", "LDAPDirectory", "APIKeys", "SQLiteStorage",
                "PostgreSQLStorage",
                "RegistryTokens", "Sessions", "AuthService", "TestSupport", httpTypes, logging,
            ], swiftSettings: settings),
        .testTarget(
            name: "LatchkeyTests",
            dependencies: [
                "latchkey", "AuthService", "APIKeys", "Credentials", "Htpasswd", "LDAPDirectory", "OpenIDConnect",
                "TestSupport", crypto, httpTypes, logging,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Yams", package: "Yams"), .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
