// Draw an answer with Observable Plot, which the page loads as a classic script.

import { element } from "../parts/dom.js";

/** @import { Table } from "../plots/table.js" */
/** @import { ChartKind } from "./answer.js" */

const MOST = 5000;

/**
 * @param {Table} table
 * @param {{kind: ChartKind, x: number, y: number}} wanted
 * @param {number} width
 * @returns {Element | null} null where nothing is wanted
 */
export function chart(table, wanted, width) {
  if (wanted.kind === "none") return null;
  const { Plot } = /** @type {any} */ (globalThis);
  const rows = table.rows.slice(0, MOST);
  const [x, y] = [(/** @type {any} */ row) => row[wanted.x], (/** @type {any} */ row) => row[wanted.y]];
  const colour = "var(--accent)";
  const marks = {
    bars: [Plot.barX(rows, { x, y, fill: colour, sort: { y: null } }), Plot.ruleX([0])],
    dots: [Plot.dot(rows, { x, y, fill: colour, r: 3, fillOpacity: 0.7 })],
    line: [Plot.line(rows, { x, y, stroke: colour, sort: x })],
  }[wanted.kind];
  const labels = [table.columns[wanted.x], table.columns[wanted.y]];
  const longest = Math.max(...rows.map((row) => String(row[wanted.y] ?? "").length));
  const drawn = Plot.plot({
    width: Math.max(280, Math.min(width, 960)),
    marginLeft: wanted.kind === "bars" ? Math.min(30 + 7 * longest, 220) : 60,
    x: { label: labels[0], grid: true },
    y: { label: wanted.kind === "bars" ? null : labels[1], grid: wanted.kind !== "bars" },
    style: { fontFamily: "inherit", fontSize: "12px", background: "none", overflow: "visible" },
    marks,
  });
  drawn.querySelector("style")?.remove(); // the page's policy allows its own styles alone
  drawn.setAttribute("role", "img");
  drawn.setAttribute("aria-label", `${wanted.kind}: ${labels.join(" and ")}, ${rows.length} rows; the table holds the numbers`);
  const caption = table.rows.length > MOST ? `The first ${MOST.toLocaleString("en")} of ${table.rows.length.toLocaleString("en")} rows are drawn.` : "";
  return element("figure", { class: "drawn" }, drawn, caption ? element("figcaption", { class: "caption" }, caption) : null);
}
