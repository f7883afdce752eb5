// swift-tools-version: 6.2
import PackageDescription

// Measurements of what is too fast to be measured through a server.
let package = Package(
    name: "micro",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "latchkey", path: "../.."),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    ],
    targets: [
        .executableTarget(
            name: "Decisions",
            dependencies: [
                .product(name: "AccessControl", package: "latchkey"),
                .product(name: "Credentials", package: "latchkey"),
            ]),
        .executableTarget(
            name: "Lookups",
            dependencies: [
                .product(name: "SQLiteStorage", package: "latchkey"), .product(name: "APIKeys", package: "latchkey"),
                .product(name: "Credentials", package: "latchkey"), .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .executableTarget(
            name: "SharedLookups",
            dependencies: [
                .product(name: "PostgreSQLStorage", package: "latchkey"),
                .product(name: "APIKeys", package: "latchkey"), .product(name: "Credentials", package: "latchkey"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
