/// The parts that the account page and the administrators' page have in common.
enum PageTables {
    /// A hidden field for whose it is, where that is somebody else.
    private static let hidden = """
        <input type="hidden" name="token" value="{{token}}">{{#person}}<input type="hidden" name="user" value="{{person}}">{{/person}}
        """

    /// A form of one button.
    private static func form(_ action: String, _ button: String) -> String {
        """
        <form method="post" action="{{action}}">\(hidden)<input type="hidden" name="action" value="\(action)"><input type="hidden" name="id" value="{{id}}">\(button)</form>
        """
    }

    /// A button that asks once more: behind a fold, or in a window of its own where scripts run.
    static func confirmed(_ action: String, word: String, sure: String, of what: String) -> String {
        """
        <details class="confirm"><summary aria-label="{{words.\(word)}} \(what)">{{words.\(word)}}</summary>\(form(action, "<button type=\"submit\" aria-label=\"{{words.\(sure)}}: \(what)\">{{words.\(sure)}}</button>"))</details>
        """
    }

    /// The API keys.
    static let keys = """
        {{^keys}}<p>{{noKeys}}</p>{{/keys}}
        {{#hasAnyKey}}<div class="wide" tabindex="0" role="region" aria-labelledby="keys"><table><caption>{{words.keys}}</caption>
        <thead><tr><th scope="col">{{words.name}}</th><th scope="col">{{words.access}}</th><th scope="col">{{words.created}}</th><th scope="col">{{words.lastUsed}}</th><th scope="col">{{words.expires}}</th><th scope="col">{{words.state}}</th><th scope="col">{{words.actions}}</th></tr></thead>
        <tbody>{{/hasAnyKey}}
        {{#keys}}<tr><th scope="row">{{label}}</th><td>{{access}}</td><td>{{created}}</td><td>{{used}}</td><td>{{expires}}</td><td>{{state}}</td><td>
        {{#canRotate}}\(form("rotate", "<button type=\"submit\" aria-label=\"{{words.rotate}} {{label}}\">{{words.rotate}}</button>")){{/canRotate}}
        {{#canRevoke}}\(confirmed("revoke", word: "revoke", sure: "revokeSure", of: "{{label}}")){{/canRevoke}}</td></tr>
        {{/keys}}
        {{#hasAnyKey}}</tbody></table></div>{{/hasAnyKey}}
        """

    /// The sessions.
    static let sessions = """
        <div class="wide" tabindex="0" role="region" aria-labelledby="sessions"><table><caption>{{words.sessions}}</caption>
        <thead><tr><th scope="col">{{words.begun}}</th><th scope="col">{{words.lastUsed}}</th><th scope="col">{{words.from}}</th><th scope="col">{{words.actions}}</th></tr></thead>
        <tbody>
        {{#sessions}}<tr><th scope="row">{{begun}}</th><td>{{used}}</td><td>{{from}}</td><td>{{#isCurrent}}{{words.thisOne}}{{/isCurrent}}{{^isCurrent}}\(form("end", "<button type=\"submit\" aria-label=\"{{words.end}} {{begun}}\">{{words.end}}</button>")){{/isCurrent}}</td></tr>
        {{/sessions}}</tbody></table></div>
        """

    /// What happened, or did not.
    static let told = """
        {{#notice}}<p class="notice" role="status">{{notice}}</p>{{/notice}}
        {{#problem}}<p role="alert">{{problem}}</p>{{/problem}}
        """

    /// What a script asks before something that can't be undone.
    static let question = """
        <dialog id="sure" aria-labelledby="sure-text"><p id="sure-text"></p>
        <form method="dialog"><button value="yes">{{words.yes}}</button> <button value="no" class="button" autofocus>{{words.cancel}}</button></form></dialog>
        """

    /// What a script shows before the session ends.
    static let warning = """
        {{#sessionEnd}}<div id="session-end" class="notice" role="alert" data-end="{{sessionEnd}}" data-idle="{{sessionIdle}}" data-stay="/auth/whoami" hidden><p>{{words.endsSoon}}</p>
        <p><button type="button" id="stay">{{words.stay}}</button></p></div>{{/sessionEnd}}
        """
}
