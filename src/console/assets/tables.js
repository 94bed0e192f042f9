"use strict";
// Tables are sorted by their columns, with the mouse and the keyboard: `aria-sort` says how.
(() => {
  const value = (row, at, isNumber) => {
    const text = row.cells[at] ? row.cells[at].textContent.trim() : "";
    return isNumber ? (text === "" ? NaN : Number(text)) : text;
  };

  const text = new Intl.Collator(undefined, { numeric: true });
  const isEmpty = (key) => key === "" || Number.isNaN(key);
  // What is empty stands at the end, whatever the order.
  const compare = (isNumber, sign) => (a, b) => isEmpty(a.key) - isEmpty(b.key) || sign * (isNumber ? a.key - b.key || 0 : text.compare(a.key, b.key));

  const sort = (table, heading) => {
    const at = heading.cellIndex;
    const isNumber = heading.dataset.kind === "number";
    const order = heading.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", order);
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row) => ({ row, key: value(row, at, isNumber) }));
    rows.sort(compare(isNumber, order === "ascending" ? 1 : -1));
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
