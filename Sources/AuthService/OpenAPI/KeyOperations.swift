/// The operations of the key API: zot's, and those that zot has not.
extension Operation {
    static let listKeys = Operation(
        "listKeys",
        query: QueryForm(
            .user, QueryParameter("label", "Only those with this label."),
            QueryParameter(
                "state", "Only those in one of these states; without it all but revoked ones, as in zot.",
                schema: "{ type: array, items: { enum: [active, expired, revoked, blocked, all] } }", mayRepeat: true),
            QueryParameter("createdAfter", schema: "{ $ref: '#/components/schemas/Time' }"),
            QueryParameter("lastUsedBefore", "Or never used.", schema: "{ $ref: '#/components/schemas/Time' }"),
            QueryParameter(
                "n", "How many at a time.", schema: "{ type: integer, minimum: 1, maximum: \(KeyFilter.maximumCount) }"),
            QueryParameter("last", "Only those behind this one.", schema: "{ type: string, format: uuid }")),
        """
        summary: Lists API keys, one's own or, for administrators, somebody else's.
        tags: [API keys]
        responses:
          '200':
            description: The keys, oldest first.
            headers:
              Link: { description: The next page (RFC 8288)., schema: { type: string } }
            content:
              application/json:
                schema:
                  type: object
                  required: [apiKeys]
                  properties:
                    apiKeys: { type: array, items: { $ref: '#/components/schemas/APIKey' } }
                    incomplete: { type: boolean, description: 'True if a source could not be asked who the user is: there may be more.' }
          '400': { $ref: '#/components/responses/BadRequest' }
          '404': { $ref: '#/components/responses/NotFound' }
        \(common)
        """)

    static let createKey = Operation(
        "createKey", query: QueryForm(.user),
        """
        summary: Makes an API key; the answer is the only one that shows it.
        tags: [API keys]
        requestBody:
          required: true
          content:
            application/json:
              schema: { $ref: '#/components/schemas/NewAPIKey' }
              example: { label: git, scopes: ['team/**:read'], expirationDate: '2099-12-31T00:00:00Z' }
        responses:
          '201':
            description: The key.
            content: { application/json: { schema: { $ref: '#/components/schemas/CreatedAPIKey' } } }
          '400': { $ref: '#/components/responses/BadRequest' }
          '403': { $ref: '#/components/responses/Denied' }
          '404': { $ref: '#/components/responses/NotFound' }
          '413': { $ref: '#/components/responses/TooLarge' }
        \(common)
        """)

    static let revokeKey = Operation(
        "revokeKey",
        query: QueryForm(
            .user,
            QueryParameter(
                "id", "The key's uuid. Instead of it `all=true` revokes all keys.",
                schema: "{ type: string, format: uuid }", isRequired: true, mayBeEmpty: false),
            .all),
        """
        summary: Revokes one key by its id, or all.
        tags: [API keys]
        responses:
          '200':
            description: It is revoked, and works nowhere. With `all` the ids are listed; with `id` there is no body.
            content:
              application/json:
                schema:
                  type: object
                  required: [revoked]
                  properties: { revoked: { type: array, items: { type: string, format: uuid } } }
          '400': { $ref: '#/components/responses/BadRequest' }
          '403': { $ref: '#/components/responses/Denied' }
          '404': { $ref: '#/components/responses/NotFound' }
        \(common)
        """)

    static let rotateKey = Operation(
        "rotateKey",
        query: QueryForm(
            .user,
            QueryParameter(
                "id", "The key's uuid; without it the key that the request comes by.",
                schema: "{ type: string, format: uuid }"),
            QueryParameter(
                "overlap",
                "How long the old one works beside it, in seconds, minutes, hours or days; 30 days at most.",
                schema: "{ type: string, default: 24h, pattern: '\(OverlapText.pattern)' }")),
        """
        summary: Makes a successor of a key, alike in all; the old one works on for a while.
        description: >-
          Once for each key: a second time means that somebody has it who should not, and revokes all that descend from the same key.
        tags: [API keys]
        responses:
          '201':
            description: The successor.
            content: { application/json: { schema: { $ref: '#/components/schemas/CreatedAPIKey' } } }
          '400': { $ref: '#/components/responses/BadRequest' }
          '403': { $ref: '#/components/responses/Denied' }
          '404': { $ref: '#/components/responses/NotFound' }
          '409':
            description: It was rotated or revoked before; its whole family is revoked now.
            content: { application/json: { schema: { $ref: '#/components/schemas/Errors' } } }
        \(common)
        """)

    static let restoreKeys = Operation(
        "restoreKeys",
        query: QueryForm(
            QueryParameter(
                "user", "Whose keys. Instead of it `everybody=true` restores all that have ended so.",
                schema: "{ type: string, minLength: 1 }", isRequired: true, mayBeEmpty: false),
            QueryParameter("everybody", isListed: false)),
        """
        summary: Takes back that somebody's keys have ended because the htpasswd file had them no more.
        description: For administrators; to others it is not there. What somebody has revoked stays revoked.
        tags: [API keys]
        responses:
          '200':
            description: The keys that work again, as far as they are not over.
            content:
              application/json:
                schema:
                  type: object
                  required: [restored]
                  properties: { restored: { type: array, items: { type: string, format: uuid } } }
          '400': { $ref: '#/components/responses/BadRequest' }
          '403': { $ref: '#/components/responses/Denied' }
          '404': { $ref: '#/components/responses/NotFound' }
        \(common)
        """)

    static let reportKey = Operation(
        "reportKey",
        """
        summary: Ends a key for whoever has it, such as the finder of a leak.
        description: What comes back is the same whether or not there was such a key.
        tags: [API keys]
        security: []
        requestBody:
          description: The key as a text, or a JSON object with it as key or apiKey.
          content:
            application/json:
              schema: {}
              example: { key: zak_00000000000000000000000000000000 }
            text/plain:
              schema: {}
              example: zak_00000000000000000000000000000000
        responses:
          '202': { description: 'If there was such a key, it is revoked.' }
          '403': { $ref: '#/components/responses/Denied' }
          '413': { $ref: '#/components/responses/TooLarge' }
          '429': { $ref: '#/components/responses/TooManyRequests' }
          '503': { $ref: '#/components/responses/Unavailable' }
        """)
}
