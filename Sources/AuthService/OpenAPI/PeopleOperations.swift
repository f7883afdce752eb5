/// The operations of the administrators' page, and of what the pages load.
extension Operation {
    static let people = Operation(
        "people",
        query: QueryForm(
            QueryParameter("user", "Who is looked for."),
            QueryParameter("done", "Set by the server: what a form of the page has done."), .led),
        """
        summary: A page on which administrators find a person, with their keys and their sessions.
        tags: [Logins]
        security: [{ session: [] }]
        responses:
          '200': { description: The page., content: { text/html: { schema: { type: string } } } }
          '303': { description: To the login page. }
          '404': { $ref: '#/components/responses/NotFound' }
        \(common)
        """)

    static let actOnPeople = Operation(
        "actOnPeople",
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
                required: [token, action, user]
                properties:
                  token: { type: string, description: From the page. }
                  action: { enum: [revoke, revoke-all, end, end-all] }
                  user: { type: string, description: Whose keys and sessions. }
                  id: { type: string, format: uuid }
        responses:
          '303': { description: 'It is done; or somebody must log in, or show anew who they are.' }
          '400': { description: It can't be done so., content: { text/html: { schema: { type: string } } } }
          '403': { description: It is from another page., content: { text/html: { schema: { type: string } } } }
          '404': { $ref: '#/components/responses/NotFound' }
          '413': { description: The body is longer than any real one., content: { text/html: { schema: { type: string } } } }
        \(common)
        """)

    static let script = Operation(
        "script",
        """
        summary: The little script of the pages.
        tags: [Logins]
        security: []
        responses:
          '200': { description: The script., content: { text/javascript: { schema: { type: string } } } }
        """)
}
