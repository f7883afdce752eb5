/// The account page: who somebody is, their keys and their sessions.
enum AccountTemplate {
    static let text = """
        <p>{{words.loggedInAs}} <strong>{{userName}}</strong>{{#displayName}} ({{displayName}}){{/displayName}}</p>
        {{#people}}<p><a href="{{people}}">{{words.people}}</a></p>{{/people}}
        \(PageTables.warning)
        \(PageTables.told)
        {{#key}}<section aria-labelledby="the-key"><h2 id="the-key">{{words.theKey}}</h2>
        <p><strong>{{words.once}}</strong></p>
        <p><input class="key" id="key" aria-labelledby="the-key" value="{{key}}" readonly></p>
        <p><button type="button" data-copy="key" data-done="{{words.copied}}" hidden>{{words.copy}}</button> <span id="copied" role="status"></span></p>
        <p>{{words.docker}} <code>docker login -u {{shellName}} --password-stdin</code></p></section>{{/key}}
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
        \(PageTables.keys)</section>{{/hasKeys}}
        <section aria-labelledby="sessions"><h2 id="sessions">{{words.sessions}}</h2>
        \(PageTables.sessions)
        {{#sessionEndText}}<p class="small">{{words.endsAt}} {{sessionEndText}}</p>{{/sessionEndText}}
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
        \(PageTables.question)
        """
}
