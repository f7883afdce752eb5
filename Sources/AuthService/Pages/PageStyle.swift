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
        main.account { max-width: 64rem; }
        main.account form, main.account dl { max-width: 26rem; }
        h2 { font-size: 1.25rem; margin-top: 2rem; }
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
        span.small { display: block; }
        select, textarea { width: 100%; min-height: 2.75rem; padding: 0.5rem; font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--edge); border-radius: 0.25rem; }
        fieldset { margin: 1rem 0; padding: 0.5rem 1rem; border: 1px solid var(--edge); border-radius: 0.25rem; }
        legend { font-weight: 600; }
        .choice { display: flex; align-items: center; gap: 0.5rem; margin: 0.25rem 0; }
        .choice input { width: 1.5rem; min-height: 1.5rem; flex: none; }
        .choice label { font-weight: 400; }
        .key { font-family: ui-monospace, monospace; }
        .notice { padding: 0.75rem; border: 1px solid var(--accent); border-left-width: 0.5rem; border-radius: 0.25rem; }
        .wide { overflow-x: auto; }
        table { width: 100%; border-collapse: collapse; font-size: 0.9375rem; }
        caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
        th, td { padding: 0.5rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--edge); overflow-wrap: normal; }
        td button, td summary, .plain { min-height: 2rem; padding: 0.25rem 0.75rem; color: var(--accent); background: transparent; border: 1px solid var(--accent); border-radius: 0.25rem; }
        td summary { cursor: pointer; font-weight: 600; text-align: center; margin: 0.25rem 0; }
        td form { margin: 0.25rem 0; }
        main.people { max-width: 64rem; }
        main.people > form, main.people dl, details.confirm { max-width: 26rem; }
        [hidden] { display: none !important; }
        section > details.confirm > summary { min-height: 2.75rem; padding: 0.6rem 1rem; margin: 1rem 0 0.5rem; color: var(--accent); border: 1px solid var(--accent); border-radius: 0.25rem; font-weight: 600; text-align: center; cursor: pointer; }
        dialog { max-width: 26rem; color: var(--ink); background: var(--paper); border: 1px solid var(--edge); border-radius: 0.25rem; }
        dialog::backdrop { background: rgb(0 0 0 / 60%); }
        dialog button { margin: 0.5rem 0; }
        #session-end { position: sticky; top: 0; background: var(--paper); }

        """
}
