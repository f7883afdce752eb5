extension AuditVerifier {
    /// What to say of files in which nothing was changed, a line each.
    var report: [String] {
        var lines = crashes.lines("crash")
        guard let first else { return lines + ["ok: there is no line yet"] }
        lines.append("ok: \(count) line(s), \(first) to \(lastNumber)")
        if first > 1 {
            lines.append(
                "note: lines before \(first) are in older files, which are not given; if there are none, they were removed"
            )
        }
        for witness in unheard {
            lines.append("note: line \(witness.number), which \(witness.name) knows, is in older files")
        }
        lines += signatureReport
        return lines
    }

    private var signatureReport: [String] {
        guard let checkpoint else {
            return unchecked == 0
                ? [] : ["note: \(unchecked) checkpoint(s) were not checked: name their public key by --key"]
        }
        let time = checkpoint.isTimeSigned ? "at \(checkpoint.time)" : "time not signed: \(checkpoint.time)"
        var lines = ["ok: signed up to line \(checkpoint.number), \(time)"]
        if isClosed {
            lines.append("ok: the server stopped in order then, and has written nothing since")
        } else {
            if lastNumber > checkpoint.number {
                lines.append("note: \(lastNumber - checkpoint.number) line(s) behind that are signed by nobody yet")
            }
            lines.append(
                "note: a server that runs signs every minute: if that time is long ago, lines at the end are missing")
        }
        return lines
    }
}
