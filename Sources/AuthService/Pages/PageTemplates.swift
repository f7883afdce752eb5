import Mustache

/// The pages, as Mustache templates. They work without scripts, and have none.
enum PageTemplates {
    /// What a page is.
    enum Name: String, Sendable, CaseIterable {
        case login
        case account
        case failure
        case loggedOut = "logged-out"
    }

    private static let texts: [Name: String] = [
        .login: """
        {{#message}}<p class="message" id="message" role="alert">{{message}}</p>{{/message}}
        <form method="post" action="{{action}}">
        <input type="hidden" name="rd" value="{{target}}">
        <p><label for="username">{{words.userName}}</label>
        <input id="username" name="username" value="{{userName}}" autocomplete="username" autocapitalize="none" spellcheck="false" required{{#message}} aria-describedby="message" aria-invalid="true"{{/message}}></p>
        <p><label for="password">{{words.password}}</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required{{#message}} aria-describedby="message" aria-invalid="true"{{/message}}></p>
        <p><button type="submit">{{words.logIn}}</button></p>
        </form>
        {{#hasProviders}}<p class="or">{{words.or}}</p>
        <ul class="providers">
        {{#providers}}<li><a class="button" href="{{address}}">{{words.logInWith}} {{name}}</a></li>
        {{/providers}}</ul>{{/hasProviders}}
        """,
        .account: """
        <p>{{words.loggedInAs}} <strong>{{userName}}</strong>{{#displayName}} ({{displayName}}){{/displayName}}</p>
        {{#notice}}<p class="notice" role="status">{{notice}}</p>{{/notice}}
        {{#problem}}<p role="alert">{{problem}}</p>{{/problem}}
        {{#key}}<section aria-labelledby="the-key"><h2 id="the-key">{{words.theKey}}</h2>
        <p><strong>{{words.once}}</strong></p>
        <p><input class="key" aria-labelledby="the-key" value="{{key}}" readonly></p>
        <p>{{words.docker}} <code>docker login -u {{userName}} --password-stdin</code></p></section>{{/key}}
        {{#hasKeys}}<section aria-labelledby="new-key"><h2 id="new-key">{{words.newKey}}</h2>
        <form method="post" action="{{action}}">
        <input type="hidden" name="token" value="{{token}}"><input type="hidden" name="action" value="create">
        <p><label for="label">{{words.name}}</label>
        <input id="label" name="label" maxlength="200" autocomplete="off" aria-describedby="label-help"><span class="small" id="label-help">{{words.nameHelp}}</span></p>
        <p><label for="days">{{words.expires}}</label>
        <select id="days" name="days"{{#limit}} aria-describedby="days-help"{{/limit}}>{{#lifetimes}}<option value="{{value}}"{{#isUsual}} selected{{/isUsual}}>{{text}}</option>{{/lifetimes}}</select>{{#limit}}<span class="small" id="days-help">{{limit}}</span>{{/limit}}</p>
        <fieldset><legend>{{words.access}}</legend>
        <p class="choice"><input type="radio" id="access-all" name="access" value="everything"{{^allowed}} checked{{/allowed}}><label for="access-all">{{words.accessAll}}</label></p>
        <p class="choice"><input type="radio" id="access-some" name="access" value="some"{{#allowed}} checked{{/allowed}}><label for="access-some">{{words.accessSome}}</label></p></fieldset>
        <p><label for="scopes">{{words.scopes}}</label>
        <textarea id="scopes" name="scopes" rows="3" aria-describedby="scopes-help" spellcheck="false"></textarea><span class="small" id="scopes-help">{{words.accessExample}}{{#allowed}}. {{words.allowedAre}} {{allowed}}{{/allowed}}</span></p>
        <p><button type="submit">{{words.create}}</button></p>
        </form></section>
        <section aria-labelledby="keys"><h2 id="keys">{{words.keys}}</h2>
        {{^keys}}<p>{{words.noKeys}}</p>{{/keys}}
        {{#hasAnyKey}}<div class="wide" tabindex="0" role="region" aria-labelledby="keys"><table><caption>{{words.keys}}</caption>
        <thead><tr><th scope="col">{{words.name}}</th><th scope="col">{{words.access}}</th><th scope="col">{{words.created}}</th><th scope="col">{{words.lastUsed}}</th><th scope="col">{{words.expires}}</th><th scope="col">{{words.state}}</th><th scope="col">{{words.actions}}</th></tr></thead>
        <tbody>{{/hasAnyKey}}
        {{#keys}}<tr><th scope="row">{{label}}</th><td>{{access}}</td><td>{{created}}</td><td>{{used}}</td><td>{{expires}}</td><td>{{state}}</td><td>
        {{#canRotate}}<form method="post" action="{{action}}"><input type="hidden" name="token" value="{{token}}"><input type="hidden" name="action" value="rotate"><input type="hidden" name="id" value="{{id}}"><button type="submit" aria-label="{{words.rotate}} {{label}}">{{words.rotate}}</button></form>{{/canRotate}}
        {{#canRevoke}}<details><summary aria-label="{{words.revoke}} {{label}}">{{words.revoke}}</summary><form method="post" action="{{action}}"><input type="hidden" name="token" value="{{token}}"><input type="hidden" name="action" value="revoke"><input type="hidden" name="id" value="{{id}}"><button type="submit" aria-label="{{words.revokeSure}}: {{label}}">{{words.revokeSure}}</button></form></details>{{/canRevoke}}</td></tr>
        {{/keys}}
        {{#hasAnyKey}}</tbody></table></div>{{/hasAnyKey}}</section>{{/hasKeys}}
        <section aria-labelledby="sessions"><h2 id="sessions">{{words.sessions}}</h2>
        <div class="wide" tabindex="0" role="region" aria-labelledby="sessions"><table><caption>{{words.sessions}}</caption>
        <thead><tr><th scope="col">{{words.begun}}</th><th scope="col">{{words.lastUsed}}</th><th scope="col">{{words.from}}</th><th scope="col">{{words.actions}}</th></tr></thead>
        <tbody>
        {{#sessions}}<tr><th scope="row">{{begun}}</th><td>{{used}}</td><td>{{from}}</td><td>{{#isCurrent}}{{words.thisOne}}{{/isCurrent}}{{^isCurrent}}<form method="post" action="{{action}}"><input type="hidden" name="token" value="{{token}}"><input type="hidden" name="action" value="end"><input type="hidden" name="id" value="{{id}}"><button type="submit" aria-label="{{words.end}} {{begun}}">{{words.end}}</button></form>{{/isCurrent}}</td></tr>
        {{/sessions}}</tbody></table></div>
        <form method="post" action="{{action}}"><input type="hidden" name="token" value="{{token}}"><input type="hidden" name="action" value="end-others"><p><button type="submit" class="plain">{{words.endOthers}}</button></p></form></section>
        <section aria-labelledby="who"><h2 id="who">{{words.account}}</h2>
        <dl>
        {{#email}}<dt>{{words.mail}}</dt><dd>{{email}}</dd>{{/email}}
        <dt>{{words.source}}</dt><dd>{{source}}</dd>
        <dt>{{words.groups}}</dt>
        {{#groups}}<dd>{{name}}</dd>
        {{/groups}}{{^groups}}<dd>{{words.noGroups}}</dd>{{/groups}}
        </dl>
        <form method="post" action="{{logout}}"><p><button type="submit">{{words.logOut}}</button></p></form></section>
        """,
        .loggedOut: """
        <p role="status">{{words.loggedOutHere}}</p>
        <p>{{words.stillThere}} {{provider}}.</p>
        <p><a class="button" href="{{address}}">{{words.logOutAt}} {{provider}}</a></p>
        <p><a class="button" href="{{login}}">{{words.logIn}}</a></p>
        """,
        .failure: """
        <p role="alert">{{message}}</p>
        <p><a class="button" href="{{address}}">{{words.logIn}}</a></p>
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
