/// The administrators' page: finds a person, with their keys and sessions.
enum PeopleTemplate {
    static let text = """
        <p><a href="{{account}}">{{words.account}}</a></p>
        \(PageTables.warning)
        \(PageTables.told)
        <form method="get" action="{{action}}"><p><label for="user">{{words.userName}}</label>
        <input id="user" name="user" value="{{person}}" autocomplete="off" autocapitalize="none" spellcheck="false" required></p>
        <p><button type="submit">{{words.find}}</button></p></form>
        {{#person}}<section aria-labelledby="who"><h2 id="who">{{person}}</h2>
        {{^isKnown}}<p>{{words.noPerson}}</p>{{/isKnown}}
        <dl>
        {{#displayName}}<dt>{{words.name}}</dt><dd>{{displayName}}</dd>{{/displayName}}
        {{#source}}<dt>{{words.source}}</dt><dd>{{source}}</dd>{{/source}}
        {{#isKnown}}<dt>{{words.groups}}</dt>
        {{#groups}}<dd>{{name}}</dd>
        {{/groups}}{{^groups}}<dd>{{words.noGroup}}</dd>{{/groups}}{{/isKnown}}
        </dl></section>
        {{#hasKeys}}<section aria-labelledby="keys"><h2 id="keys">{{words.keys}}</h2>
        \(PageTables.keys)
        {{#hasAnyKey}}\(PageTables.confirmed("revoke-all", word: "revokeAll", sure: "revokeAllSure", of: "{{person}}")){{/hasAnyKey}}</section>{{/hasKeys}}
        <section aria-labelledby="sessions"><h2 id="sessions">{{words.sessions}}</h2>
        {{^hasAnySession}}<p>{{words.noSession}}</p>{{/hasAnySession}}
        {{#hasAnySession}}\(PageTables.sessions)
        \(PageTables.confirmed("end-all", word: "endAll", sure: "endAllSure", of: "{{person}}")){{/hasAnySession}}</section>{{/person}}
        \(PageTables.question)
        """
}
