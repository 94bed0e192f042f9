"use strict";
// The prompt: completion and help while one types, and the history of this browser.
(() => {
  const input = document.getElementById("command");
  const form = document.getElementById("command-form");
  const list = document.getElementById("suggestions");
  const help = document.getElementById("command-help");
  const status = document.getElementById("command-status");
  const results = document.getElementById("results");
  const forget = document.getElementById("forget");
  if (!input || !form) return;

  const KEY = "anylog-console-commands";
  const MOST = 200;
  const ANSWERS = 20;
  const LISTED = 12;

  // What nobody may keep here must not keep the prompt from working.
  const load = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) || "[]");
      return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
    } catch {
      return [];
    }
  };
  const save = (all) => {
    try {
      if (all.length) localStorage.setItem(KEY, JSON.stringify(all));
      else localStorage.removeItem(KEY);
    } catch {
      /* full or forbidden */
    }
  };

  let past = load();
  let place = past.length;
  let draft = "";
  const remember = (text) => {
    past = past.filter((one) => one !== text).concat(text).slice(-MOST);
    save(past);
    forget.hidden = false;
  };
  forget.hidden = past.length === 0;
  forget.addEventListener("click", () => {
    past = [];
    place = 0;
    save(past);
    forget.hidden = true;
    input.focus();
  });

  const put = (text) => {
    input.value = text;
    input.setSelectionRange(text.length, text.length);
  };
  const go = (step) => {
    if (place === past.length) draft = input.value;
    const next = Math.min(Math.max(place + step, 0), past.length);
    if (next === place) return;
    place = next;
    put(place === past.length ? draft : past[place]);
    close();
    ask();
  };

  // Completion: offsets are bytes, as the node counts.
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  let offered = null;
  let chosen = -1;
  let asked = 0;
  let timer = 0;

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", "suggestions");
  input.setAttribute("aria-expanded", "false");

  const close = () => {
    offered = null;
    chosen = -1;
    list.hidden = true;
    list.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const choose = (at) => {
    chosen = at;
    Array.from(list.querySelectorAll("[role=option]:not([aria-disabled])")).forEach((option, number) => {
      option.setAttribute("aria-selected", String(number === at));
      if (number === at) {
        input.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      }
    });
  };

  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  const open = (answer, line) => {
    close();
    const typed = decoder.decode(encoder.encode(line).slice(answer.from, answer.to));
    const fits = answer.candidates.filter((one) => one.text !== typed);
    if (!fits.length) return;
    offered = { ...answer, candidates: fits, line };
    fits.slice(0, LISTED).forEach((one, at) => {
      const option = element("li");
      option.id = `suggestion-${at}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.append(element("span", one.text, "text"), element("span", one.about || one.kind, "about"));
      option.addEventListener("mousedown", (event) => {
        event.preventDefault();
        complete(one.text, true);
      });
      list.append(option);
    });
    const more = fits.length - LISTED;
    if (more > 0 || answer.more) {
      const rest = element("li", answer.more ? "and more" : `and ${more} more`, "hint");
      rest.setAttribute("role", "option");
      rest.setAttribute("aria-disabled", "true");
      list.append(rest);
    }
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  };

  // Puts a word into the place that was offered; a whole one gets a blank behind it.
  const complete = (text, isWhole) => {
    const bytes = encoder.encode(offered.line);
    const before = decoder.decode(bytes.slice(0, offered.from));
    const after = decoder.decode(bytes.slice(offered.to));
    const word = isWhole && !after.startsWith(" ") ? `${text} ` : text;
    input.value = before + word + after;
    const at = (before + word).length;
    input.setSelectionRange(at, at);
    close();
    ask();
  };

  const common = (words) => {
    let shared = words[0];
    for (const word of words) while (!word.startsWith(shared)) shared = shared.slice(0, -1);
    return shared;
  };

  const tab = () => {
    const words = offered.candidates.map((one) => one.text);
    if (chosen >= 0) return complete(words[chosen], true);
    if (words.length === 1) return complete(words[0], true);
    const typed = decoder.decode(encoder.encode(offered.line).slice(offered.from, offered.to));
    const shared = offered.more ? typed : common(words);
    if (shared.length > typed.length && shared.startsWith(typed)) return complete(shared, false);
    choose(0);
  };

  const showHelp = (of) => {
    if (!of) return;
    const title = element("h2", of.words);
    const usage = element("p");
    usage.append(element("code", of.usage, "usage"));
    const parts = [title, usage, ...of.text.split("\n").map((line) => element("p", line))];
    if (of.examples.length) {
      const examples = element("ul", undefined, "examples");
      for (const example of of.examples) {
        const button = element("button", undefined, "fill");
        button.type = "button";
        button.dataset.fill = example;
        button.append(element("code", example));
        const entry = element("li");
        entry.append(button);
        examples.append(entry);
      }
      parts.push(element("p", "Examples", "hint"), examples);
    }
    parts.push(element("p", `Needs the right to ${of.needs}.`, "hint"));
    if (of.refused) parts.push(element("p", of.refused, "message error"));
    help.replaceChildren(...parts);
  };

  const suggest = async () => {
    const number = ++asked;
    const line = input.value;
    const at = encoder.encode(line.slice(0, input.selectionStart)).length;
    const body = new URLSearchParams({ csrf: form.elements.csrf.value, line, at: String(at) });
    try {
      const reply = await fetch("/console/commands/suggest", { method: "POST", body, redirect: "error" });
      if (!reply.ok || number !== asked || line !== input.value) return;
      const answer = await reply.json();
      showHelp(answer.help);
      if (document.activeElement === input && line.trim()) open(answer, line);
      else close();
    } catch {
      close();
    }
  };
  const ask = () => {
    clearTimeout(timer);
    timer = setTimeout(suggest, 120);
  };

  input.addEventListener("input", () => {
    place = past.length;
    close();
    ask();
  });
  input.addEventListener("blur", close);
  input.addEventListener("paste", (event) => {
    const text = event.clipboardData && event.clipboardData.getData("text");
    if (!text || !/[\r\n]/.test(text)) return;
    // Lines that belong together stay apart from each other.
    event.preventDefault();
    input.setRangeText(text.trim().replace(/[\r\n]+\s*/g, " "), input.selectionStart, input.selectionEnd, "end");
    ask();
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const isOpen = offered !== null;
    const last = isOpen ? Math.min(offered.candidates.length, LISTED) - 1 : 0;
    if (event.key === "Tab" && !event.shiftKey && isOpen) {
      event.preventDefault();
      tab();
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && isOpen && chosen >= 0) {
      event.preventDefault();
      complete(offered.candidates[chosen].text, true);
    } else if (event.key === "ArrowDown" && isOpen) {
      event.preventDefault();
      choose(Math.min(chosen + 1, last));
    } else if (event.key === "ArrowUp" && isOpen && chosen >= 0) {
      event.preventDefault();
      choose(chosen - 1);
      if (chosen < 0) input.removeAttribute("aria-activedescendant");
    } else if (event.key === "ArrowUp") {
      event.preventDefault();
      go(-1);
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      go(1);
    }
  });

  document.addEventListener("click", (event) => {
    const fill = event.target.closest("[data-fill]");
    if (!fill) return;
    put(fill.dataset.fill);
    input.focus();
    place = past.length;
    ask();
  });

  form.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target !== form) return;
    clearTimeout(timer);
    asked += 1;
    close();
    status.textContent = "The command runs …";
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    // An answer in place of a question leaves the question outside of the page.
    const target = event.detail.target;
    if (target !== results && target.isConnected) return;
    const newest = results.firstElementChild;
    if (!newest) return;
    status.textContent = newest.dataset.status || newest.textContent.trim();
    while (results.children.length > ANSWERS) results.lastElementChild.remove();
    if (newest.tagName !== "ARTICLE") return;
    if (newest.dataset.keep) remember(newest.dataset.keep);
    if (target === results) {
      put("");
      place = past.length;
      draft = "";
    }
    const asks = newest.querySelector("input[type=password]");
    (asks || input).focus();
  });
  document.body.addEventListener("htmx:sendError", () => {
    status.textContent = "The node does not answer; whether the command ran is not known.";
  });

  const first = results.querySelector("article");
  if (first && first.dataset.keep) remember(first.dataset.keep);
  place = past.length;
})();
