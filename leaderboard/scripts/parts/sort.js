// Tables that the builder made sort by a click, or Enter or Space, on a heading. Missing values stay last both ways.

/** @typedef {string | number | null} Key */

/** Make every table with `data-sortable` sort by its headings with `data-sort`. */
export function installSorting() {
  for (const table of document.querySelectorAll("table[data-sortable]")) {
    if (!(table instanceof HTMLTableElement) || !table.tHead) continue;
    for (const heading of headings(table)) {
      if (!heading.dataset.sort) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sortBy(table, heading));
      heading.append(button);
    }
  }
}

/** @param {HTMLTableElement} table */
function headings(table) {
  return Array.from(table.tHead?.rows[0]?.cells ?? []);
}

/**
 * @param {HTMLTableElement} table
 * @param {HTMLTableCellElement} heading
 */
function sortBy(table, heading) {
  const first = heading.dataset.first ?? "ascending";
  const second = first === "ascending" ? "descending" : "ascending";
  const order = heading.getAttribute("aria-sort") === first ? second : first;
  for (const other of headings(table)) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", order);
  const sign = order === "ascending" ? 1 : -1;
  for (const body of table.tBodies) {
    const rows = Array.from(body.rows).filter((row) => !row.classList.contains("static"));
    const keyed = rows.map((row) => ({ row, key: keyOf(row, heading) }));
    keyed.sort((a, b) => compareKeys(a.key, b.key, sign));
    for (const { row } of keyed) body.append(row);
  }
}

/**
 * @param {HTMLTableRowElement} row
 * @param {HTMLTableCellElement} heading
 * @returns {Key}
 */
function keyOf(row, heading) {
  const cell = row.cells[heading.cellIndex];
  const value = cell?.dataset.value;
  if (heading.dataset.sort === "text") return (value || cell?.textContent || "").trim();
  return value === undefined ? null : Number(value);
}

/**
 * Order of two keys; a missing one is last whatever the sign.
 * @param {Key} a
 * @param {Key} b
 * @param {number} sign 1 rising, -1 falling
 */
export function compareKeys(a, b, sign) {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === "string" || typeof b === "string") {
    return sign * String(a).localeCompare(String(b), "en", { numeric: true });
  }
  return sign * (a - b);
}
