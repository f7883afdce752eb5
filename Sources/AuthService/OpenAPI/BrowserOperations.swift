/// The operations that are there for people with browsers: logins, pages, sessions, and what zot's page asks.
extension Operation {
    static let listSessions = Operation(
        "listSessions", query: QueryForm(.user),
        """
        summary: Lists sessions of browsers, one's own or, for administrators, somebody else's.
        tags: [Sessions]
        responses:
          '200':
            description: Those that are not over, oldest first.
            content:
              application/json:
                schema:
                  type: object
                  required: [sessions]
                  properties:
                    sessions: { type: array, items: { $ref: '#/components/schemas/Session' } }
                    incomplete: { type: boolean, description: 'True if a source could not be asked who the user is: there may be more.' }
          '403': { $ref: '#/components/responses/Denied' }
          '404': { $ref: '#/components/responses/NotFound' }
        \(common)
        """)

    static let endSessions = Operation(
        "endSessions",
        query: QueryForm(
            .user,
            QueryParameter(
                "id", "The session's uuid. Instead of it `all=true` ends all sessions.",
                schema: "{ type: string, format: uuid }", isRequired: true, mayBeEmpty: false),
            .all),
        """
        summary: Ends one session by its id, or all.
        tags: [Sessions]
        responses:
          '200':
            description: They are over, and good for nothing.
            content:
              application/json:
                schema:
                  type: object
                  required: [ended]
                  properties: { ended: { type: array, items: { type: string, format: uuid } } }
          '400': { $ref: '#/components/responses/BadRequest' }
          '403': { $ref: '#/components/responses/Denied' }
          '404': { $ref: '#/components/responses/NotFound' }
        \(common)
        """)

    /// Stands for the names of the providers, which the configuration has.
    static let providers = "[PROVIDERS]"

    static let beginLogin = Operation(
        "beginLogin",
        query: QueryForm(
            QueryParameter("provider", "Its name in the configuration.", schema: "{ enum: \(providers) }"),
            QueryParameter("rd", "Where the browser goes afterwards."),
            QueryParameter("callback_ui", "The same, as zot names it."),
            QueryParameter("again", "1 for somebody who must show anew who they are."), .led,
            QueryParameter("iss", isListed: false), QueryParameter("target_link_uri", isListed: false),
            QueryParameter("login_hint", isListed: false),
            QueryParameter("to", "Stands for rd, last and as it is: what follows is part of it.", takesRest: true)),
        """
        summary: The login page; with a provider's name, sends the browser there.
        tags: [Logins]
        security: []
        responses:
          '200': { description: The page., content: { text/html: { schema: { type: string } } } }
          '302': { description: To the provider. }
          '303': { description: 'Whoever has a session goes on; by another name of the server, to the one that the operator says.' }
          '400': { $ref: '#/components/responses/BadRequest' }
          '503': { $ref: '#/components/responses/Unavailable' }
        """)

    static let zotLogin = Operation(
        "zotLogin",
        query: QueryForm(
            QueryParameter(
                "provider", "Its name in the configuration.", schema: "{ enum: \(providers) }", isRequired: true),
            QueryParameter("callback_ui", "Where the browser goes afterwards."),
            QueryParameter("rd", "The same, as the login page names it."),
            QueryParameter("again", "1 for somebody who must show anew who they are."),
            QueryParameter("iss", isListed: false), QueryParameter("target_link_uri", isListed: false),
            QueryParameter("login_hint", isListed: false)),
        """
        summary: Sends a browser to an identity provider, as zot does.
        tags: [Logins]
        security: []
        responses:
          '302': { description: To the provider. }
          '400': { $ref: '#/components/responses/BadRequest' }
          '503': { $ref: '#/components/responses/Unavailable' }
        """)

    static let logIn = Operation(
        "logIn",
        """
        summary: Begins a session by a password, as the login page's form sends it.
        tags: [Logins]
        security: []
        requestBody:
          required: true
          content:
            application/x-www-form-urlencoded:
              schema:
                type: object
                required: [username, password]
                properties:
                  username: { type: string, minLength: 1 }
                  password: { type: string, minLength: 1 }
                  rd: { type: string, description: Where the browser goes afterwards. }
        responses:
          '200': { description: 'A browser has a session, and the page goes on by itself.', content: { text/html: { schema: { type: string } } } }
          '303': { description: 'It has a session, and goes where it wanted to.' }
          '400': { description: Something is missing., content: { text/html: { schema: { type: string } } } }
          '401': { description: The two do not fit., content: { text/html: { schema: { type: string } } } }
          '403': { description: 'It is an API key, or from a page of another origin.', content: { text/html: { schema: { type: string } } } }
          '413': { description: The body is longer than any real one., content: { text/html: { schema: { type: string } } } }
          '429': { description: Too many have failed., content: { text/html: { schema: { type: string } } } }
          '503': { description: It can't be checked right now., content: { text/html: { schema: { type: string } } } }
        """)

    static let account = Operation(
        "account",
        query: QueryForm(QueryParameter("done", "Set by the server: what a form of the page has done."), .led),
        """
        summary: A page with who somebody is, their keys and their sessions.
        tags: [Logins]
        security: [{ session: [] }]
        responses:
          '200': { description: The page., content: { text/html: { schema: { type: string } } } }
          '303': { description: 'To the login page, or to the path with its slash.' }
        \(common)
        """)

    static let actOnAccount = Operation(
        "actOnAccount",
        """
        summary: Takes what the forms of that page send.
        tags: [Logins]
        security: [{ session: [] }]
        requestBody:
          required: true
          content:
            application/x-www-form-urlencoded:
              schema:
                type: object
                required: [token, action]
                properties:
                  token: { type: string, description: From the page. }
                  action: { enum: [create, rotate, revoke, end, end-others] }
                  id: { type: string, format: uuid }
                  label: { type: string }
                  days: { type: string, description: How long a key lives; or never. }
                  access: { enum: [everything, some] }
                  scopes: { type: string, description: One a line. }
        responses:
          '201': { description: 'A key, which is shown this once.', content: { text/html: { schema: { type: string } } } }
          '303': { description: 'It is done; or somebody must log in, or show anew who they are.' }
          '400': { description: It can't be done so., content: { text/html: { schema: { type: string } } } }
          '403': { description: It is from another page., content: { text/html: { schema: { type: string } } } }
          '404': { description: There is no such key., content: { text/html: { schema: { type: string } } } }
          '409': { description: The key was rotated or revoked before., content: { text/html: { schema: { type: string } } } }
          '413': { description: The body is longer than any real one., content: { text/html: { schema: { type: string } } } }
        \(common)
        """)

    static let style = Operation(
        "style",
        """
        summary: How the pages look.
        tags: [Logins]
        security: []
        responses:
          '200': { description: The style., content: { text/css: { schema: { type: string } } } }
        """)

    static let endLogin = Operation(
        "endLogin",
        query: QueryForm(
            judge: .standard("RFC 6749, 4.1.2: a client ignores parameters of the answer that it does not know")),
        """
        summary: Takes a browser back from an identity provider, whose name stands behind this path.
        tags: [Logins]
        security: []
        responses:
          '201': { description: 'It has a session, and has not said where to go.' }
          '302': { description: 'It has a session, and goes where it wanted to.' }
          '401': { $ref: '#/components/responses/Unauthorized' }
          '403': { $ref: '#/components/responses/Denied' }
          '404': { $ref: '#/components/responses/NotFound' }
          '429': { $ref: '#/components/responses/TooManyRequests' }
          '503': { $ref: '#/components/responses/Unavailable' }
        """)

    static let logOut = Operation(
        "logOut",
        """
        summary: Ends the sessions that the cookies of the browser name.
        tags: [Sessions]
        security: []
        responses:
          '200':
            description: It has none now.
            content: { application/json: { schema: { type: object } } }
          '303': { description: 'To the login page, for a form.' }
          '403': { $ref: '#/components/responses/Denied' }
          '503': { $ref: '#/components/responses/Unavailable' }
        """)

    static let zotManagement = Operation(
        "zotManagement",
        // Of zot before 2.0: `config` is all that there is.
        query: QueryForm(QueryParameter("resource", isListed: false)),
        """
        summary: What zot's page asks first, by what people can log in.
        tags: [Registry]
        security: [{}, { basic: [] }, { bearer: [] }]
        responses:
          '200':
            description: The ways.
            content: { application/json: { schema: { type: object } } }
        \(common)
        """)

    static let logOutByProvider = Operation(
        "logOutByProvider",
        """
        summary: A provider says that somebody has logged out there (OpenID Connect Back-Channel Logout 1.0).
        tags: [Logins]
        security: []
        parameters:
          - { name: provider, in: path, required: true, schema: { type: string, enum: [PROVIDERS] } }
        requestBody:
          required: true
          content:
            application/x-www-form-urlencoded:
              schema:
                type: object
                required: [logout_token]
                properties: { logout_token: { type: string, description: What the provider has signed. } }
        responses:
          '200': { description: Their sessions are over. }
          '400': { description: The token can't be used. }
          '404': { $ref: '#/components/responses/NotFound' }
          '503': { $ref: '#/components/responses/Unavailable' }
        """)
}
