/// The words of all pages, in each language.
enum PageWords {
    /// A language: its tag (RFC 5646) and its words, by the names that the templates have for them.
    struct Language: Sendable {
        let tag: String
        let words: [String: String]
    }

    /// The first one is for whoever reads none of the others.
    static let languages = [
        Language(
            tag: "en",
            words: [
                "yes": "Yes", "cancel": "Cancel", "copy": "Copy key", "copied": "Copied.",
                "endsSoon": "Your session ends in less than two minutes.", "stay": "Stay logged in",
                "endsAt": "This session ends when it is not used for a while, and at the latest at",
                "people": "People (for administrators)", "find": "Find", "theirNoKeys": "There is no API key.",
                "noPerson": "No source of users knows this name now.", "noGroup": "In no group.",
                "noSession": "There is no session.", "revokeAll": "Revoke all keys",
                "revokeAllSure": "Revoke all keys for good", "endAll": "End all sessions",
                "endAllSure": "End all sessions now", "notice.revokedAll": "All keys are revoked.",
                "notice.endedAll": "All sessions are ended.", "toAccount": "Your account",
                "notFound": "There is nothing here", "noPage": "There is no page at this address.",
                "noMethod": "This page can't be used so. Go back and try it once more.",
                "badAddress":
                    "The address has a part behind its question mark that this page does not know, or one of them twice. Check the link.",
                "again": "This takes a fresh login. Log in once more.", "never": "never", "unnamed": "(no name)",
                "everything": "everything", "days": "days", "limit": "At most", "state.active": "active",
                "state.expired": "expired", "state.revoked": "revoked", "state.blocked": "blocked",
                "newKey": "New API key",
                "name": "Name", "nameHelp": "What it is for, such as: laptop", "expires": "Expires", "access": "Access",
                "accessAll": "Everything that you may", "accessSome": "Only what stands below",
                "scopes": "Repositories and actions, one a line",
                "accessExample": "Such as team/**:read", "allowedAre": "Allowed are:", "create": "Create key",
                "keys": "API keys",
                "noKeys": "You have no API key.", "created": "Created", "lastUsed": "Last used", "state": "State",
                "actions": "Actions", "rotate": "Rotate", "revoke": "Revoke", "revokeSure": "Revoke for good",
                "sessions": "Sessions", "begun": "Logged in", "from": "From", "end": "End",
                "endOthers": "End all others",
                "thisOne": "this one", "theKey": "Your new key",
                "once": "You will not see this key again. Copy it now.",
                "docker": "For docker:", "notice.created": "The key is made.",
                "notice.rotated": "The key has a successor. The old one works on for a day.",
                "notice.revoked": "The key is revoked.",
                "notice.ended": "The session is ended.",
                "problem.badForm": "This form can't be used: fill it in once more.",
                "problem.noKey": "You have no such key.",
                "problem.overlapOverLimit":
                    "A renewed key works for one more day beside its successor. That would be more keys than you may have: revoke one first.",
                "problem.nothingEnded": "This person has no such session. Nothing was ended.",
                "problem.nobodyKnown": "Nobody of this name has a session or a key here. Nothing was ended.",
                "problem.foreign": "This form was too old, or from another page. Try it once more.",
                "problem.reused":
                    "This key was rotated or revoked before: somebody may have it who should not. All its successors are revoked now.",
                "problem.unavailable": "Your keys can't be changed right now. Try again in a moment.",
                "loggedIn": "Logged in", "goesOn": "You are logged in, and are taken to where you wanted to go.",
                "goOn": "Go on",
                "logIn": "Log in", "userName": "User name", "password": "Password", "or": "or",
                "logInWith": "Log in with",
                "wrong": "This user name and password do not fit. Check both and try again.",
                "key": "An API key is for programs. Log in with your password.",
                "tooMany": "Too many attempts have failed. Wait a little, then try again.",
                "unavailable": "Your password can't be checked right now. Try again in a moment.",
                "foreign": "This form was sent from another site, and was not used. Log in here.",
                "incomplete": "Fill in both your user name and your password.", "account": "Your account",
                "loggedInAs": "You are logged in as", "mail": "Mail address", "groups": "Groups",
                "noGroups": "You are in no group.",
                "source": "Known from", "logOut": "Log out", "loggedOut": "Logged out",
                "loggedOutHere": "You are logged out here.", "stillThere": "You are still logged in at",
                "logOutAt": "Log out at",
                "failedNotAllowed":
                    "This account can't log in here. Ask the operators of this server if that is wrong.",
                "failedDisabled": "Your account may not log in. Ask the operators of this server.",
                "loginFailed": "The login did not succeed",
                "failedProvider": "The login at the provider did not succeed. Try again.",
                "failedUnknown": "This login was not begun here, is over, or was ended before. Begin it again.",
                "failedName":
                    "The provider has no user name for you that can be used here. Ask the operators of this server.",
                "failedGroups":
                    "The provider has not said in a usable way which groups you are in. Ask the operators of this server.",
                "failedFresh":
                    "The provider did not confirm that you have just logged in there, which this needs. Trying again does not help: ask the operators of this server.",
                "failedTaken": "Your user name belongs to somebody else here. Ask the operators of this server.",
                "failedDown": "The provider does not answer right now. Try again in a moment.", "request": "Request",
            ]),
        Language(
            tag: "de",
            words: [
                "yes": "Ja", "cancel": "Abbrechen", "copy": "Schlüssel kopieren", "copied": "Kopiert.",
                "endsSoon": "Ihre Sitzung endet in weniger als zwei Minuten.", "stay": "Angemeldet bleiben",
                "endsAt": "Diese Sitzung endet, wenn sie eine Weile nicht benutzt wird, und spätestens um",
                "people": "Personen (für Administratoren)", "find": "Suchen",
                "theirNoKeys": "Es gibt keinen API-Schlüssel.",
                "noPerson": "Keine Quelle von Benutzern kennt diesen Namen jetzt.", "noGroup": "In keiner Gruppe.",
                "noSession": "Es gibt keine Sitzung.", "revokeAll": "Alle Schlüssel widerrufen",
                "revokeAllSure": "Alle Schlüssel endgültig widerrufen", "endAll": "Alle Sitzungen beenden",
                "endAllSure": "Alle Sitzungen jetzt beenden", "notice.revokedAll": "Alle Schlüssel sind widerrufen.",
                "notice.endedAll": "Alle Sitzungen sind beendet.", "toAccount": "Ihr Konto",
                "notFound": "Hier ist nichts", "noPage": "An dieser Adresse gibt es keine Seite.",
                "noMethod":
                    "So lässt sich diese Seite nicht benutzen. Gehen Sie zurück und versuchen Sie es noch einmal.",
                "badAddress":
                    "Hinter dem Fragezeichen der Adresse steht etwas, das diese Seite nicht kennt, oder etwas zweimal. Prüfen Sie den Link.",
                "again": "Dazu müssen Sie sich noch einmal anmelden.", "never": "nie", "unnamed": "(ohne Namen)",
                "everything": "alles", "days": "Tage", "limit": "Höchstens", "state.active": "aktiv",
                "state.expired": "abgelaufen", "state.revoked": "widerrufen", "state.blocked": "gesperrt",
                "newKey": "Neuer API-Schlüssel", "name": "Name", "nameHelp": "Wofür er ist, etwa: Laptop",
                "expires": "Läuft ab",
                "access": "Zugriff", "accessAll": "Alles, was Sie dürfen",
                "accessSome": "Nur, was unten steht", "scopes": "Repositorys und Aktionen, eine Zeile für jedes",
                "accessExample": "Etwa team/**:read",
                "allowedAre": "Erlaubt sind:", "create": "Schlüssel erzeugen", "keys": "API-Schlüssel",
                "noKeys": "Sie haben keinen API-Schlüssel.", "created": "Erzeugt", "lastUsed": "Zuletzt benutzt",
                "state": "Zustand",
                "actions": "Aktionen", "rotate": "Erneuern", "revoke": "Widerrufen",
                "revokeSure": "Endgültig widerrufen",
                "sessions": "Sitzungen", "begun": "Angemeldet", "from": "Von", "end": "Beenden",
                "endOthers": "Alle anderen beenden",
                "thisOne": "diese", "theKey": "Ihr neuer Schlüssel",
                "once": "Sie sehen diesen Schlüssel nicht noch einmal. Kopieren Sie ihn jetzt.",
                "docker": "Für docker:",
                "notice.created": "Der Schlüssel ist erzeugt.",
                "notice.rotated": "Der Schlüssel hat einen Nachfolger. Der alte gilt noch einen Tag.",
                "notice.revoked": "Der Schlüssel ist widerrufen.", "notice.ended": "Die Sitzung ist beendet.",
                "problem.badForm": "Dieses Formular ist nicht brauchbar: Füllen Sie es noch einmal aus.",
                "problem.noKey": "Sie haben keinen solchen Schlüssel.",
                "problem.overlapOverLimit":
                    "Ein erneuerter Schlüssel gilt noch einen Tag neben seinem Nachfolger. Das wären mehr Schlüssel, als Sie haben dürfen: Widerrufen Sie erst einen.",
                "problem.nothingEnded": "Diese Person hat keine solche Sitzung. Es wurde nichts beendet.",
                "problem.nobodyKnown":
                    "Unter diesem Namen gibt es hier weder eine Sitzung noch einen Schlüssel. Es wurde nichts beendet.",
                "problem.foreign":
                    "Dieses Formular war zu alt oder kam von einer anderen Seite. Versuchen Sie es noch einmal.",
                "problem.reused":
                    "Dieser Schlüssel wurde schon erneuert oder widerrufen: Vielleicht hat ihn jemand, der ihn nicht haben soll. Alle seine Nachfolger sind jetzt widerrufen.",
                "problem.unavailable":
                    "Ihre Schlüssel können gerade nicht geändert werden. Versuchen Sie es gleich noch einmal.",
                "loggedIn": "Angemeldet",
                "goesOn": "Sie sind angemeldet und werden dorthin geleitet, wohin Sie wollten.",
                "goOn": "Weiter",
                "logIn": "Anmelden", "userName": "Benutzername", "password": "Passwort", "or": "oder",
                "logInWith": "Anmelden mit",
                "wrong":
                    "Benutzername und Passwort passen nicht zusammen. Prüfen Sie beide und versuchen Sie es noch einmal.",
                "key": "Ein API-Schlüssel ist für Programme. Melden Sie sich mit Ihrem Passwort an.",
                "tooMany":
                    "Zu viele Versuche sind fehlgeschlagen. Warten Sie etwas und versuchen Sie es dann noch einmal.",
                "unavailable": "Ihr Passwort kann gerade nicht geprüft werden. Versuchen Sie es gleich noch einmal.",
                "foreign":
                    "Dieses Formular kam von einer anderen Seite und wurde nicht verwendet. Melden Sie sich hier an.",
                "incomplete": "Geben Sie Benutzername und Passwort ein.", "account": "Ihr Konto",
                "loggedInAs": "Sie sind angemeldet als", "mail": "E-Mail-Adresse", "groups": "Gruppen",
                "noGroups": "Sie sind in keiner Gruppe.", "source": "Bekannt aus", "logOut": "Abmelden",
                "loggedOut": "Abgemeldet", "loggedOutHere": "Sie sind hier abgemeldet.",
                "stillThere": "Sie sind weiterhin angemeldet bei", "logOutAt": "Abmelden bei",
                "failedNotAllowed":
                    "Mit diesem Konto können Sie sich hier nicht anmelden. Fragen Sie die Betreiber dieses Servers, wenn das falsch ist.",
                "failedDisabled": "Ihr Konto darf sich nicht anmelden. Fragen Sie die Betreiber dieses Servers.",
                "loginFailed": "Die Anmeldung ist nicht gelungen",
                "failedProvider": "Die Anmeldung beim Anbieter ist nicht gelungen. Versuchen Sie es noch einmal.",
                "failedUnknown":
                    "Diese Anmeldung wurde nicht hier begonnen, ist abgelaufen oder schon beendet. Beginnen Sie sie noch einmal.",
                "failedName":
                    "Der Anbieter hat für Sie keinen Benutzernamen, der hier gilt. Fragen Sie die Betreiber dieses Servers.",
                "failedGroups":
                    "Der Anbieter hat nicht verwendbar angegeben, in welchen Gruppen Sie sind. Fragen Sie die Betreiber dieses Servers.",
                "failedFresh":
                    "Der Anbieter hat nicht bestätigt, dass Sie sich dort eben angemeldet haben; das ist hierfür nötig. Ein neuer Versuch hilft nicht: Fragen Sie die Betreiber dieses Servers.",
                "failedTaken": "Ihr Benutzername gehört hier jemand anderem. Fragen Sie die Betreiber dieses Servers.",
                "failedDown": "Der Anbieter antwortet gerade nicht. Versuchen Sie es gleich noch einmal.",
                "request": "Anfrage",
            ]),
    ]

    /// The language that a browser wants most (RFC 9110, 12.5.4).
    /// - Parameter field: the value of `Accept-Language`; nil for none.
    static func language(_ field: String?) -> Language {
        let ranges = (field ?? "").prefix(512).lowercased().split(separator: ",").prefix(20).map { range in
            let parts = range.split(separator: ";").map { $0.trimmingSpaces() }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) }
            return (tag: parts.first ?? "", weight: weight ?? 1)
        }
        for range in ranges.sorted(by: { $0.weight > $1.weight }) where range.weight > 0 {
            if let found = languages.first(where: { range.tag == $0.tag || range.tag.hasPrefix($0.tag + "-") }) {
                return found
            }
        }
        return languages[0]
    }
}
