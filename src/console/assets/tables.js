"use strict";
// Tables are sorted by their columns, with the mouse and the keyboard: `aria-sort` says how.
(() => {
  const value = (row, at, isNumber) => {
    const text = row.cells[at] ? row.cells[at].textContent.trim() : "";
    return isNumber ? (text === "" ? NaN : Number(text)) : text;
  };

  const compare = (isNumber) => {
    if (!isNumber) return new Intl.Collator(undefined, { numeric: true }).compare;
    // What is no number stands at the end.
    return (a, b) => (Number.isNaN(a) ? 1 : 0) - (Number.isNaN(b) ? 1 : 0) || a - b;
  };

  const sort = (table, heading) => {
    const at = heading.cellIndex;
    const isNumber = heading.dataset.kind === "number";
    const order = heading.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", order);
    const body = table.tBodies[0];
    const by = compare(isNumber);
    const rows = Array.from(body.rows, (row) => ({ row, key: value(row, at, isNumber) }));
    rows.sort((a, b) => by(a.key, b.key));
    if (order === "descending") rows.reverse();
    body.append(...rows.map((one) => one.row));
  };

  const prepare = (root) => {
    for (const table of root.querySelectorAll("table[data-sortable]")) {
      if (!table.tHead || !table.tBodies[0] || table.dataset.sortable === "yes") continue;
      table.dataset.sortable = "yes";
      for (const heading of table.tHead.rows[0].cells) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "sort";
        button.append(...heading.childNodes);
        heading.append(button);
        button.addEventListener("click", () => sort(table, heading));
      }
    }
  };

  prepare(document);
  document.addEventListener("htmx:load", (event) => prepare(event.target));
})();
