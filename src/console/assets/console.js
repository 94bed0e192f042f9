"use strict";
// What all pages have: the events of the node, the banner while it is away, buttons that copy. Pages work without it.
(() => {
  const body = document.body;
  const away = document.getElementById("away");
  const topics = ["policies", "members", "boot", "health"];
  const soon = 2000, late = 30000;
  let stream, timer, lost = false, opened = false, pause = soon, edited = false, ended = false;

  const tell = (name, detail) => body.dispatchEvent(new CustomEvent("node:" + name, { detail }));
  // Of many events in a row the first one counts at once and the last one at the end of each pause: what shows is never old for long.
  const resting = {};
  const pass = (name, detail) => {
    const before = resting[name];
    if (before) { before.again = true; before.detail = detail; return; }
    const one = resting[name] = { again: false };
    tell(name, detail);
    setTimeout(() => {
      delete resting[name];
      if (one.again) pass(name, one.detail);
    }, 1500);
  };
  const read = event => { try { return JSON.parse(event.data); } catch { return null; } };
  const show = text => {
    if (away.textContent !== text) away.textContent = text;
    away.hidden = !text;
  };
  const later = (work, time) => { clearTimeout(timer); timer = setTimeout(work, time); };
  const close = () => { if (stream) stream.close(); stream = undefined; };

  // A browser opens only a few connections to one node: a page that nobody sees needs none.
  const open = () => {
    close();
    if (document.hidden || ended) return;
    stream = new EventSource("/console/events");
    stream.onopen = () => {
      pause = soon;
      if (opened) tell("back");
      opened = true;
    };
    stream.onerror = () => { close(); ask(); };
    stream.addEventListener("reset", event => pass("policies", read(event)));
    stream.addEventListener("ledger", event => pass("policies", read(event)));
    for (const topic of topics) stream.addEventListener(topic, event => pass(topic, read(event)));
  };

  // The node was started again: what the page shows is old, and changes need another token.
  const back = token => {
    lost = false;
    show("");
    if (!edited) { location.reload(); return; }
    for (const field of document.querySelectorAll("input[name=csrf]")) field.value = token;
    body.setAttribute("hx-headers", JSON.stringify({ "X-CSRF-Token": token }));
    tell("back");
  };

  const signedOut = where => {
    ended = true;
    show("");
    const link = document.createElement("a");
    link.href = where;
    link.textContent = "Sign in again";
    away.replaceChildren("Your session has ended. ", link);
    away.hidden = false;
  };

  // Whether the node is there: a stream alone does not tell why it ended.
  const ask = async () => {
    if (document.hidden || ended) return;
    let answer;
    try {
      answer = await fetch("/console/alive", { cache: "no-store", headers: { "HX-Request": "true" } });
    } catch {
      answer = undefined;
    }
    const where = answer && answer.headers.get("HX-Redirect");
    if (where) {
      const next = encodeURIComponent(location.pathname + location.search);
      signedOut(where.split("?")[0] + "?next=" + next);
    } else if (answer && answer.ok) {
      const token = await answer.text();
      if (lost) { back(token); if (!edited) return; }
      later(open, pause);
      pause = Math.min(pause * 2, late);
    } else {
      lost = true;
      show("The node does not answer. Trying again …");
      later(ask, soon);
    }
  };

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { close(); clearTimeout(timer); } else if (lost) { ask(); } else { open(); }
  });
  document.addEventListener("input", event => {
    const form = event.target.form;
    if (form && form.method === "post") edited = true;
  });
  document.addEventListener("submit", () => { edited = false; });
  body.addEventListener("htmx:sendError", () => { if (!lost) ask(); });

  document.addEventListener("click", async event => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const from = document.getElementById(button.dataset.copy);
    const said = button.textContent;
    try {
      await navigator.clipboard.writeText(from.textContent);
      button.textContent = "Copied";
    } catch {
      // Over plain HTTP browsers give no clipboard: what is selected can be copied by hand.
      getSelection().selectAllChildren(from);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = said; }, 1500);
  });

  if (document.querySelector("nav[data-live]")) open();
})();
