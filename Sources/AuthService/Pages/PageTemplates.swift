import Mustache

/// The pages, as Mustache templates. They work without scripts; those with forms for keys have one for comfort.
enum PageTemplates {
    /// What a page is.
    enum Name: String, Sendable, CaseIterable {
        case login
        case account
        case people
        case failure
        case loggedOut = "logged-out"
        case goingOn = "going-on"
    }

    private static let texts: [Name: String] = [
        .login: """
        {{#message}}<p class="message" id="message" role="alert">{{message}}</p>{{/message}}
        {{#takesPasswords}}<form method="post" action="{{action}}">
        <input type="hidden" name="rd" value="{{target}}">
        <p><label for="username">{{words.userName}}</label>
        <input id="username" name="username" value="{{userName}}" autocomplete="username" autocapitalize="none" spellcheck="false" required{{#message}} aria-describedby="message" aria-invalid="true"{{/message}}></p>
        <p><label for="password">{{words.password}}</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required{{#message}} aria-describedby="message" aria-invalid="true"{{/message}}></p>
        <p><button type="submit">{{words.logIn}}</button></p>
        </form>{{/takesPasswords}}
        {{#hasProviders}}{{#takesPasswords}}<p class="or">{{words.or}}</p>{{/takesPasswords}}
        <ul class="providers">
        {{#providers}}<li><a class="button" href="{{address}}">{{words.logInWith}} {{name}}</a></li>
        {{/providers}}</ul>{{/hasProviders}}
        """,
        .account: AccountTemplate.text, .people: PeopleTemplate.text,
        .loggedOut: """
        <p role="status">{{words.loggedOutHere}}</p>
        <p>{{words.stillThere}} {{provider}}.</p>
        <p><a class="button" href="{{address}}">{{words.logOutAt}} {{provider}}</a></p>
        <p><a class="button" href="{{login}}">{{words.logIn}}</a></p>
        """,
        .goingOn: """
        <p role="status">{{words.goesOn}}</p>
        <p><a class="button" href="{{refresh}}">{{words.goOn}}</a></p>
        """,
        .failure: """
        <p role="alert">{{message}}</p>
        <p><a class="button" href="{{address}}">{{link}}</a></p>
        <p class="small">{{words.request}} {{request}}</p>
        """,
    ]

    private static func layout(_ content: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="{{language}}">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{{title}} – {{realm}}</title>
        <link rel="stylesheet" href="{{style}}">
        {{#refresh}}<meta http-equiv="refresh" content="0; url={{refresh}}">{{/refresh}}
        {{#script}}<script src="{{script}}" defer></script>{{/script}}
        </head>
        <body>
        <main class="{{kind}}">
        <h1>{{title}}</h1>
        \(content)
        </main>
        </body>
        </html>

        """
    }

    /// Compiled once. One that can't be is not there: a test renders each.
    private static let compiled = texts.compactMapValues { try? MustacheTemplate(string: layout($0)) }

    /// A page as HTML; every value is escaped.
    /// - Returns: nil for one that can't be compiled, which would be a defect.
    static func render(_ name: Name, _ values: [String: Any]) -> String? { compiled[name]?.render(values) }
}
