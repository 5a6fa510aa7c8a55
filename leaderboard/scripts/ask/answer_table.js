// An answer as a table: numbers as they are, text as text.

import { element } from "../parts/dom.js";
import { numeric } from "./answer.js";

/** @import { Table } from "../plots/table.js" */

const DIGITS = new Intl.NumberFormat("en", { maximumSignificantDigits: 6, useGrouping: false });

/**
 * @param {Table} table
 * @param {number} most rows that are shown
 * @returns {HTMLElement}
 */
export function answerTable(table, most) {
  const isNumber = numeric(table);
  const kind = (/** @type {number} */ i) => (isNumber[i] ? "number" : null);
  const head = element("tr", {}, ...table.columns.map((name, i) => element("th", { scope: "col", class: kind(i) }, name)));
  const body = table.rows
    .slice(0, most)
    .map((row) => element("tr", {}, ...row.map((value, i) => element("td", { class: kind(i) }, shown(value)))));
  const rest = table.rows.length - most;
  return element(
    "div",
    {},
    element(
      "div",
      { class: "scroll", role: "region", "aria-label": "Answer", tabindex: 0 },
      element("table", {}, element("thead", {}, head), element("tbody", {}, ...body)),
    ),
    rest > 0 ? element("p", { class: "caption" }, `${rest.toLocaleString("en")} more rows: the CSV has all.`) : null,
  );
}

/** @param {string | number | null} value */
function shown(value) {
  if (value === null) return "–";
  return typeof value === "number" && !Number.isInteger(value) ? small(value) : String(value);
}

/** @param {number} value */
function small(value) {
  return Math.abs(value) < 1e-4 ? value.toPrecision(4) : DIGITS.format(value);
}
