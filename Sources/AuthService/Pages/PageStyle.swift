/// How the pages look, from 320 px on, light and dark: targets of 24 px and more, a visible focus, contrast of 4.5 : 1 and more (WCAG 2.2).
enum PageStyle {
    static let path = "/auth/style.css"

    static let text = """
        :root { --ink: #1b1f24; --paper: #ffffff; --edge: #6b7280; --accent: #1d4ed8; --on-accent: #ffffff; --alert: #991b1b; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e6e8eb; --paper: #14171a; --edge: #8b93a1; --accent: #93b4ff; --on-accent: #0b1020; --alert: #ffb4ab; }
        }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
        main { max-width: 26rem; margin: 0 auto; padding: 2rem 1rem; }
        h1 { font-size: 1.5rem; line-height: 1.25; }
        label { display: block; font-weight: 600; }
        input { width: 100%; min-height: 2.75rem; padding: 0.5rem; font: inherit; color: inherit; background: transparent; border: 1px solid var(--edge); border-radius: 0.25rem; }
        button, .button { display: block; width: 100%; min-height: 2.75rem; padding: 0.6rem 1rem; font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer; color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent); border-radius: 0.25rem; }
        .button { color: var(--accent); background: transparent; }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        .message, [role="alert"] { padding: 0.75rem; color: var(--alert); border: 1px solid var(--alert); border-left-width: 0.5rem; border-radius: 0.25rem; }
        .providers { list-style: none; margin: 0; padding: 0; }
        .providers li { margin: 0.5rem 0; }
        .or { text-align: center; }
        dt { font-weight: 600; margin-top: 0.75rem; }
        dd { margin: 0; }
        .small { font-size: 0.875rem; }

        """
}
