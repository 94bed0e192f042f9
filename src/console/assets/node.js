"use strict";
// The figures and the log of an open page.
(() => {
  // Figures: asked for anew while somebody looks, with a line of those that were seen.
  const figures = document.getElementById("figures");
  const EVERY = 5000;
  const SEEN = 60;
  const seen = new Map();

  const draw = () => {
    for (const svg of figures.querySelectorAll("svg[data-figure]")) {
      const numbers = seen.get(svg.dataset.figure) || [];
      numbers.push(Number(svg.dataset.number));
      if (numbers.length > SEEN) numbers.shift();
      seen.set(svg.dataset.figure, numbers);
      const least = Math.min(...numbers);
      const span = Math.max(...numbers) - least;
      const step = 100 / Math.max(numbers.length - 1, 1);
      const points = numbers.map((number, at) => `${(at * step).toFixed(1)},${(span ? 19 - (18 * (number - least)) / span : 10).toFixed(1)}`);
      svg.classList.toggle("flat", span === 0);
      svg.firstElementChild.setAttribute("points", points.join(" "));
    }
  };
  if (figures && window.htmx) {
    draw();
    document.body.addEventListener("htmx:afterSwap", (event) => {
      if (event.detail.target === figures) draw();
    });
    setInterval(() => {
      if (!document.hidden) htmx.trigger(figures, "refresh");
    }, EVERY);
  }

  // The log: followed as long as the page is open.
  const lines = document.getElementById("log-lines");
  const box = document.getElementById("log-box");
  const form = document.getElementById("log-form");
  const pause = document.getElementById("log-pause");
  const state = document.getElementById("log-state");
  if (!lines || !form || !window.EventSource) return;
  const MOST = 1000;
  let source = null;
  let timer = 0;
  let again = 0;
  let waiting = [];
  let frame = 0;

  const part = (name, text, className) => {
    const made = document.createElement(name);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  };
  const shown = (line) => {
    const entry = document.createElement("li");
    entry.className = `log-line ${line.level}`;
    entry.append(part("time", line.time), " ", part("span", line.level, "level"), " ", part("span", line.room, "room"), " ", part("span", line.text, "text"));
    return entry;
  };
  const isPaused = () => pause.getAttribute("aria-pressed") === "true";
  const isAtEnd = () => box.scrollHeight - box.scrollTop - box.clientHeight < 40;

  const flush = () => {
    frame = 0;
    if (isPaused()) {
      state.textContent = `${waiting.length} new lines wait.`;
      return;
    }
    const follows = isAtEnd();
    lines.append(...waiting);
    waiting = [];
    while (lines.children.length > MOST) lines.firstElementChild.remove();
    if (follows) box.scrollTop = box.scrollHeight;
  };
  const add = (entry) => {
    waiting.push(entry);
    if (waiting.length > MOST) waiting.shift();
    if (!frame) frame = requestAnimationFrame(flush);
  };

  const follow = () => {
    if (source) source.close();
    clearTimeout(again);
    const fields = new URLSearchParams(new FormData(form));
    source = new EventSource(`${lines.dataset.stream}?${fields}`);
    source.addEventListener("begin", () => {
      waiting = [];
      lines.replaceChildren();
      box.scrollTop = box.scrollHeight;
    });
    source.addEventListener("line", (event) => add(shown(JSON.parse(event.data))));
    source.addEventListener("gap", (event) => add(part("li", `${event.data} lines were written faster than they can be shown.`, "hint")));
    source.addEventListener("open", () => {
      if (!isPaused()) state.textContent = "Live.";
    });
    source.addEventListener("error", () => {
      state.textContent = "The log is not followed at the moment; trying again …";
      // A browser gives up for good when the answer is an error.
      if (source.readyState === EventSource.CLOSED) again = setTimeout(follow, 5000);
    });
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    follow();
  });
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(follow, 250);
  });
  pause.hidden = false;
  pause.addEventListener("click", () => {
    const paused = !isPaused();
    pause.setAttribute("aria-pressed", String(paused));
    state.textContent = paused ? "Paused." : "Live.";
    if (!paused) {
      flush();
      box.scrollTop = box.scrollHeight;
    }
  });
  window.addEventListener("pagehide", () => source && source.close());
  window.addEventListener("pageshow", (event) => event.persisted && follow());
  box.scrollTop = box.scrollHeight;
  follow();
})();
