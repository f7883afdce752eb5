/// The operations of the OpenAPI document, one for each row of the table of routes.
extension Operation {
    /// What any route answers that wants a credential.
    static let common = """
          '401': { $ref: '#/components/responses/Unauthorized' }
          '429': { $ref: '#/components/responses/TooManyRequests' }
          '503': { $ref: '#/components/responses/Unavailable' }
        """

    static let ping = Operation(
        "ping",
        query: QueryForm(
            judge: .standard(
                "OCI distribution specification, Registry Proxying: clients of mirrors add ns, which is no concern of others"
            )),
        """
        summary: What docker login asks.
        tags: [Registry]
        responses:
          '200':
            description: The credential is somebody's, or anonymous is let in.
            content: { application/json: { schema: { type: object } } }
          '403': { $ref: '#/components/responses/Denied' }
        \(common)
        """)

    static let verify = Operation(
        "verify", query: .demand,
        """
        summary: Forward authentication for a reverse proxy.
        tags: [Proxies]
        parameters:
          - name: demand
            in: query
            style: form
            explode: true
            description: >-
              Nothing; or a repository and what is to be done with it; or `registry`, by a trusted proxy that hands on the method and path of
              a registry's request (docs/access.md). `action` may stand several times. `group` demands one of several groups, `scope` is
              another form of repository with action, `host` demands a host of the original request, and `u` ends the demand.
            schema:
              oneOf:
                - { type: object, maxProperties: 0 }
                - type: object
                  additionalProperties: false
                  required: [repository, action]
                  properties:
                    repository:
                      type: string
                      maxLength: 255
                      pattern: '^[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*$'
                    action: { enum: [read, create, update, delete, detectManifestCollision] }
                - type: object
                  additionalProperties: false
                  required: [group]
                  properties: { group: { type: string, minLength: 1, pattern: '^[a-z]+$' } }
        responses:
          '200':
            description: They may.
            headers:
              Remote-User: { description: 'The canonical user name; empty for anonymous.', schema: { type: string } }
              Remote-Groups: { schema: { type: string } }
              Remote-Name: { schema: { type: string } }
              Remote-Email: { schema: { type: string } }
          '400': { $ref: '#/components/responses/BadRequest' }
          '403': { $ref: '#/components/responses/Denied' }
        \(common)
        """)

    static let authorize = Operation(
        "authorize", query: QueryForm(judge: .nobody("it is what Envoy's client has asked for")),
        """
        summary: The same for Envoy, which puts its client's path and query behind this path.
        tags: [Proxies]
        responses:
          '200': { description: 'They may; with the same fields.' }
          '400': { $ref: '#/components/responses/BadRequest' }
          '403': { $ref: '#/components/responses/Denied' }
        \(common)
        """)

    private static let tokenAnswers = """
        responses:
          '200':
            description: The token, with no more than what was asked for and may be granted.
            content:
              application/json:
                schema:
                  type: object
                  required: [token, access_token, expires_in, issued_at, scope]
                  properties:
                    token: { type: string }
                    access_token: { type: string, description: The same. }
                    refresh_token: { type: string, description: As good as the API key or the htpasswd password that the request came by. }
                    expires_in: { type: integer, description: Seconds. }
                    issued_at: { $ref: '#/components/schemas/Time' }
                    scope: { type: string }
          '400': { $ref: '#/components/responses/BadRequest' }
          '403': { $ref: '#/components/responses/Denied' }
          '413': { $ref: '#/components/responses/TooLarge' }
        \(common)
        """

    static let token = Operation(
        "token",
        query: QueryForm(
            QueryParameter("service"),
            QueryParameter(
                "scope", "One that can't be read, or that nobody here can grant, takes nothing from the others.",
                schema: "{ type: array, items: { type: string } }", mayRepeat: true),
            QueryParameter("account"),
            QueryParameter("offline_token", "Asks for a refresh token.", schema: "{ type: boolean }"),
            judge: .standard("RFC 6749, 3.2: an authorization server ignores parameters that it does not know")),
        """
        summary: A token for a registry, by the specification of Distribution.
        tags: [Registries]
        security: [{}, { basic: [] }, { bearer: [] }]
        \(tokenAnswers)
        """)

    static let tokenForForm = Operation(
        "tokenForForm",
        query: QueryForm(
            judge: .standard("RFC 6749, 3.2: an authorization server ignores parameters that it does not know")),
        """
        summary: The same, for a form of OAuth 2.0.
        tags: [Registries]
        security: [{}, { basic: [] }, { bearer: [] }]
        requestBody:
          required: true
          content:
            application/x-www-form-urlencoded:
              schema:
                type: object
                required: [grant_type]
                properties:
                  grant_type: { enum: [password, refresh_token] }
                  username: { type: string }
                  password: { type: string }
                  refresh_token: { type: string }
                  service: { type: string }
                  scope: { type: string }
                  access_type: { enum: [online, offline] }
        \(tokenAnswers)
        """)

    static let publishedKeys = Operation(
        "publishedKeys",
        """
        summary: The public keys of registries' tokens (RFC 7517).
        tags: [Registries]
        security: []
        responses:
          '200':
            description: The keys.
            content: { application/jwk-set+json: { schema: { type: object, required: [keys] } } }
        """)

    static let whoAmI = Operation(
        "whoAmI",
        """
        summary: Who I am.
        tags: [Proxies]
        responses:
          '200':
            description: The principal.
            content: { application/json: { schema: { $ref: '#/components/schemas/Principal' } } }
        \(common)
        """)

    static let health = Operation(
        "health",
        """
        summary: Whether the server is alive.
        tags: [Operations]
        security: []
        responses:
          '200':
            description: It is.
            content: { application/json: { schema: { type: object, required: [status], properties: { status: { const: ok } } } } }
        """)

    static let readiness = Operation(
        "readiness",
        """
        summary: Whether any source of users works.
        tags: [Operations]
        security: []
        responses:
          '200':
            description: One does.
            content: { application/json: { schema: { $ref: '#/components/schemas/Readiness' } } }
          '503':
            description: None does.
            content: { application/json: { schema: { $ref: '#/components/schemas/Readiness' } } }
        """)

    static let metrics = Operation(
        "metrics",
        """
        summary: Counters for Prometheus.
        tags: [Operations]
        security: [{}, { basic: [] }, { bearer: [] }]
        responses:
          '200':
            description: The text format, version 0.0.4, or OpenMetrics 1.0 for who accepts it.
            content:
              text/plain: { schema: { type: string } }
              application/openmetrics-text: { schema: { type: string } }
          '401': { $ref: '#/components/responses/Unauthorized' }
          '403': { $ref: '#/components/responses/Denied' }
          '429': { $ref: '#/components/responses/TooManyRequests' }
          '503': { $ref: '#/components/responses/Unavailable' }
        """)

    static let openAPI = Operation(
        "openAPI",
        """
        summary: This description.
        tags: [Operations]
        security: []
        responses:
          '200':
            description: OpenAPI 3.1.
            content: { application/yaml: { schema: { type: object } } }
        """)

    static let flush = Operation(
        "flush",
        query: QueryForm(
            QueryParameter(
                "user", schema: "{ type: string, minLength: 1 }", isRequired: true, mayBeEmpty: false)),
        """
        summary: Has what is remembered of somebody forgotten; on the operators' listener alone.
        tags: [Operations]
        security: []
        responses:
          '204': { description: It is. }
          '400': { $ref: '#/components/responses/BadRequest' }
          '403': { $ref: '#/components/responses/Denied' }
        """)
}
