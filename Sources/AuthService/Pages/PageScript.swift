/// The little script of the pages with forms for keys: everything works without it.
enum PageScript {
    static let path = "/auth/page.js"

    static let text = """
        "use strict";
        // Copying: the button is there only where it can do something.
        for (const button of document.querySelectorAll("[data-copy]")) {
          const field = document.getElementById(button.dataset.copy);
          button.hidden = false;
          button.addEventListener("click", async () => {
            try {
              await navigator.clipboard.writeText(field.value);
            } catch {
              // Without TLS there is no clipboard for scripts, but for what is selected.
              field.select();
              document.execCommand("copy");
            }
            document.getElementById("copied").textContent = button.dataset.done;
          });
        }
        // A window with the question that stands behind a fold otherwise.
        const sure = document.getElementById("sure");
        let asked = null;
        for (const details of document.querySelectorAll("details.confirm")) {
          const form = details.querySelector("form");
          details.querySelector("summary").addEventListener("click", event => {
            event.preventDefault();
            asked = form;
            document.getElementById("sure-text").textContent = form.querySelector("button").getAttribute("aria-label") + "?";
            sure.showModal();
          });
        }
        if (sure) {
          sure.addEventListener("close", () => {
            if (sure.returnValue === "yes" && asked) asked.submit();
            sure.returnValue = "";
          });
        }
        // A warning two minutes before the session ends, and a way to stay.
        const warning = document.getElementById("session-end");
        if (warning) {
          const last = Number(warning.dataset.end) * 1000, idle = Number(warning.dataset.idle) * 1000;
          let timer;
          const wait = () => {
            clearTimeout(timer);
            const end = Math.min(last, Date.now() + idle);
            timer = setTimeout(() => { warning.hidden = false; }, Math.min(Math.max(0, end - Date.now() - 120000), 2147483647));
          };
          document.getElementById("stay").addEventListener("click", async () => {
            const answer = await fetch(warning.dataset.stay, { credentials: "same-origin" }).catch(() => null);
            // When its whole time is over there is nothing but another login.
            if (!answer || !answer.ok || last - Date.now() < 120000) {
              location.reload();
              return;
            }
            warning.hidden = true;
            wait();
          });
          wait();
        }

        """
}
