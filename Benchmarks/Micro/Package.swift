// swift-tools-version: 6.2
import PackageDescription

// Measurements of what is too fast to be measured through a server.
let package = Package(
    name: "micro",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "latchkey", path: "../..")],
    targets: [
        .executableTarget(
            name: "Decisions",
            dependencies: [
                .product(name: "AccessControl", package: "latchkey"), .product(name: "Credentials", package: "latchkey"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
