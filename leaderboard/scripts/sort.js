// Tables sort by a click, or Enter or Space, on a heading. Missing values stay last both ways.
(function () {
  "use strict";

  function valueOf(row, column, kind) {
    const cell = row.cells[column];
    if (kind === "text") return (cell.dataset.value || cell.textContent).trim();
    return cell.dataset.value === undefined ? null : Number(cell.dataset.value);
  }

  function compare(a, b, sign) {
    if (a === null || b === null) return (a === null) - (b === null);
    return sign * (typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a - b);
  }

  function sortBy(table, heading) {
    const first = heading.dataset.first || "ascending";
    const second = first === "ascending" ? "descending" : "ascending";
    const order = heading.getAttribute("aria-sort") === first ? second : first;
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    for (const body of table.tBodies) {
      const rows = Array.from(body.rows).filter((row) => !row.classList.contains("static"));
      const keyed = rows.map((row) => ({ row, key: valueOf(row, heading.cellIndex, heading.dataset.sort) }));
      keyed.sort((a, b) => compare(a.key, b.key, sign));
      for (const { row } of keyed) body.append(row);
    }
  }

  for (const table of document.querySelectorAll("table[data-sortable]")) {
    for (const heading of table.tHead.rows[0].cells) {
      if (!heading.dataset.sort) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sortBy(table, heading));
      heading.append(button);
    }
  }
})();
