/// What the operations of the OpenAPI document refer to.
enum OpenAPIComponents {
    /// The components object, in YAML.
    static let text = """
        components:
          securitySchemes:
            basic:
              type: http
              scheme: basic
              description: A user name with a password or an API key.
            bearer:
              type: http
              scheme: bearer
              description: An API key alone.
            session:
              type: apiKey
              in: cookie
              name: __Host-latchkey
              description: A browser's session. What changes something needs the field X-ZOT-API-CLIENT beside it.
          responses:
            BadRequest:
              description: The request can't be read, or a policy does not allow it; `detail.rule` names the rule then.
              content: { application/json: { schema: { $ref: '#/components/schemas/Errors' } } }
            Unauthorized:
              description: Nobody has shown who they are; all refusals look the same.
              headers: { WWW-Authenticate: { schema: { type: string } } }
              content: { application/json: { schema: { $ref: '#/components/schemas/Errors' } } }
            Denied:
              description: >-
                Whoever it is may not; `detail.reason` names the rule. The code FRESH_LOGIN_REQUIRED asks the owner of a session to log in once more,
                at `detail.login`.
              content: { application/json: { schema: { $ref: '#/components/schemas/Errors' } } }
            NotFound:
              description: There is no such thing, or it is not the caller's.
              content: { application/json: { schema: { $ref: '#/components/schemas/Errors' } } }
            TooLarge:
              description: The body is longer than any real one.
              content: { application/json: { schema: { $ref: '#/components/schemas/Errors' } } }
            TooManyRequests:
              description: Too many failed attempts came before this one.
              headers: { Retry-After: { description: Seconds., schema: { type: integer, minimum: 1 } } }
              content: { application/json: { schema: { $ref: '#/components/schemas/Errors' } } }
            Unavailable:
              description: Who it is can't be found out right now.
              headers: { Retry-After: { description: Seconds., schema: { type: integer, minimum: 1 } } }
              content: { application/json: { schema: { $ref: '#/components/schemas/Errors' } } }
          schemas:
            Session:
              type: object
              required: [uuid, createdAt, lastUsed, ends, userAgent, isCurrent]
              properties:
                uuid: { type: string, format: uuid }
                createdAt: { $ref: '#/components/schemas/Time' }
                lastUsed: { $ref: '#/components/schemas/Time' }
                ends: { $ref: '#/components/schemas/Time' }
                client: { type: string }
                userAgent: { type: string }
                isCurrent: { type: boolean, description: Whether it is the one that the request came by. }
            Time:
              description: A time of RFC 3339.
              type: string
              format: date-time
            Errors:
              description: The error form of the OCI distribution specification.
              type: object
              required: [errors]
              properties:
                errors:
                  type: array
                  minItems: 1
                  items:
                    type: object
                    required: [code, message]
                    properties:
                      code: { type: string }
                      message: { type: string }
                      detail: { type: object, additionalProperties: { type: string } }
            NewAPIKey:
              type: object
              properties:
                label: { type: string }
                scopes: { type: array, items: { type: string, minLength: 1, maxLength: 512 } }
                expirationDate: { description: 'RFC 3339, or never; empty for what is usual.', type: string }
                responsible: { description: The person who answers for a service account., type: string }
            APIKey:
              type: object
              required: [createdAt, expirationDate, isExpired, creatorUa, generatedBy, lastUsed, label, scopes, uuid]
              properties:
                createdAt: { type: string }
                expirationDate: { description: '0001-01-01T00:00:00Z for never', type: string }
                isExpired: { type: boolean }
                creatorUa: { type: string }
                generatedBy: { const: manual }
                lastUsed: { description: '0001-01-01T00:00:00Z for never', type: string }
                label: { type: string }
                scopes: { type: array, items: { type: string } }
                uuid: { type: string, format: uuid }
                state: { enum: [active, expired, revoked, blocked] }
                blockedBy: { enum: [maxLifetime, requireExpiry, requireLabel, allowedScopes, unusedLifetime] }
                scopeProblems: { type: object, additionalProperties: { type: string } }
                lastUsedFrom: { type: string }
                lastUsedBy: { type: string }
                revokedAt: { type: string }
                revokedBy: { enum: [owner, administrator, holder, reuse, provider] }
                rotatedAt: { type: string }
                overlapEnds: { type: string }
                successor: { type: string, format: uuid }
                serviceAccount: { type: string }
                responsible: { type: string }
            CreatedAPIKey:
              allOf:
                - { $ref: '#/components/schemas/APIKey' }
                - type: object
                  required: [apiKey]
                  properties: { apiKey: { type: string, pattern: '^zak_[0-9a-f]{32}$' } }
            Principal:
              type: object
              required: [userName, groups, source, method]
              properties:
                userName: { type: string }
                groups: { type: array, items: { type: string } }
                source: { type: string }
                method: { enum: [password, apikey, certificate] }
                displayName: { type: string }
                email: { type: string }
                apiKey:
                  type: object
                  required: [uuid, scopes]
                  properties:
                    uuid: { type: string, format: uuid }
                    scopes: { type: array, items: { type: string } }
            Readiness:
              type: object
              required: [status, sources]
              properties:
                status: { enum: [ready, degraded, unavailable] }
                sources:
                  type: array
                  items:
                    type: object
                    required: [name, state]
                    properties:
                      name: { type: string }
                      state: { enum: [ready, degraded, unavailable] }
                      reason: { type: string }

        """
}
