// Today's page, while it stands open: when something has happened, it asks for itself again.
"use strict";
(() => {
  const told = document.getElementById("told");
  let live = document.getElementById("live");
  if (!live || !window.EventSource) return;
  let stream;

  // What a hand may be on: the link or button, by where it leads.
  const sign = (one) => one && (one.id || one.getAttribute("href") || (one.form && one.form.getAttribute("action")));

  async function refresh() {
    let answer;
    try {
      answer = await fetch(location.pathname, { headers: { "X-Stands-Open": "1" }, credentials: "same-origin" });
    } catch {
      return;
    }
    if (answer.redirected) return location.reload();
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("live");
    if (!fresh) return;
    const held = live.contains(document.activeElement) ? sign(document.activeElement) : null;
    for (const open of live.querySelectorAll("details[open]")) {
      const same = open.id && page.getElementById(open.id);
      if (same) same.open = true;
    }
    const more = Number(fresh.dataset.alerts) > Number(live.dataset.alerts);
    live.replaceWith(fresh);
    live = fresh;
    document.title = page.title;
    if (held) {
      for (const one of live.querySelectorAll("a, button, summary")) {
        if (sign(one) === held) {
          one.focus({ preventScroll: true });
          break;
        }
      }
    }
    told.textContent = "";
    setTimeout(() => { told.textContent = more ? live.dataset.alerted : live.dataset.changed; }, 100);
  }

  function listen() {
    stream = new EventSource(`${live.dataset.events}?seen=${live.dataset.mark}`);
    stream.addEventListener("changed", refresh);
    stream.addEventListener("gone", () => { stream.close(); location.reload(); });
  }

  // A page that comes back from the browser's memory may be old.
  addEventListener("pageshow", (event) => { if (event.persisted) { listen(); refresh(); } });
  addEventListener("pagehide", () => stream.close());
  listen();
})();
