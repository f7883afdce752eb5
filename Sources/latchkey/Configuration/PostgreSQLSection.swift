import Credentials
import Foundation
import PostgreSQLStorage

/// Reads `storage.postgresql`: the database that several nodes share.
struct PostgreSQLSection {
    let section: ConfigurationSection
    let paths: RelativePaths

    /// Reads the section.
    /// - Throws: ``ConfigurationError``.
    func read(_ notices: inout [String]) throws(ConfigurationError) -> PostgreSQLOptions {
        try section.check(notices: &notices)
        let (url, listenURL) = (try section.string("url"), try section.string("listenUrl"))
        let (host, port) = (try section.string("host"), try section.integer("port", in: 1...65_535) ?? 5432)
        let listenHost = try section.string("listenHost")
        let listenPort = try section.integer("listenPort", in: 1...65_535)
        let words = try words(host, port)
        guard url == nil || words == nil else { throw section.error("url", "stands beside host: keep one") }
        guard let connection = url ?? words else { throw section.error("url", "is missing, and so is host") }
        var options = PostgreSQLOptions(connection: connection)
        options.listenConnection = listenURL
        if listenHost != nil || listenPort != nil {
            guard host != nil, listenURL == nil else {
                throw section.error("listenHost", "belongs to host; with url set listenUrl")
            }
            options.listenConnection = try self.words(listenHost ?? host, listenPort ?? port)
        }
        let written = try section.string("password")
        if let path = try section.path("passwordFile", paths) {
            guard written == nil else { throw section.error("passwordFile", "stands beside password: keep one") }
            let text = try? String(contentsOf: URL(filePath: path), encoding: .utf8)
            guard let password = text?.trimmingCharacters(in: .newlines), !password.isEmpty else {
                throw section.error("passwordFile", "names a file that can't be read, or is empty: \(path)")
            }
            options.password = Secret(password)
        } else if let written {
            options.password = Secret(written)
        }
        options.maximumConnections = try section.integer("pool", in: 1...256) ?? options.maximumConnections
        options.connectTimeout = try time("connectTimeout") ?? options.connectTimeout
        options.statementTimeout = try time("statementTimeout") ?? options.statementTimeout
        options.preparesStatements = try section.bool("preparedStatements") ?? true
        options.grace = try section.duration("grace") ?? options.grace
        return options
    }

    private func time(_ key: String) throws(ConfigurationError) -> Duration? {
        guard let duration = try section.duration(key) else { return nil }
        guard (Duration.milliseconds(100)...Duration.seconds(300)).contains(duration) else {
            throw section.error(key, "must be from 100ms to 5m")
        }
        return duration
    }

    /// The place in libpq's words.
    private func words(_ host: String?, _ port: Int) throws(ConfigurationError) -> String? {
        let (database, user) = (try section.string("database"), try section.string("user"))
        let mode = try section.string("sslmode")
        let authority = try section.path("sslrootcert", paths)
        guard let host else {
            for key in ["port", "database", "user", "sslmode", "sslrootcert"] where section.has(key) {
                throw section.error(key, "belongs to host, which is missing")
            }
            return nil
        }
        if let mode, !["disable", "require", "verify-ca", "verify-full"].contains(mode) {
            throw section.error("sslmode", "must be disable, require, verify-ca or verify-full, not '\(mode)'")
        }
        let isHere = host.split(separator: ",").allSatisfy {
            ["127.0.0.1", "::1", "localhost"].contains($0) || $0.hasPrefix("/")
        }
        var words = [
            ("host", host), ("port", "\(port)"), ("dbname", database ?? "latchkey"),
            ("user", user ?? "latchkey"),
            ("target_session_attrs", "read-write"), ("sslmode", mode ?? (isHere ? "prefer" : "verify-full")),
        ]
        if let authority { words.append(("sslrootcert", authority)) }
        return words.map { key, value in
            "\(key)='\(value.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'"
        }.joined(separator: " ")
    }
}
