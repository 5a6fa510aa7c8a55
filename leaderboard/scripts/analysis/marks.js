// Rows of values with their intervals: gaps of tasks, correlations, regrets. On a phone a name stands above its row.

import { isNarrow, plotLibrary, shortened, withLook } from "../plots/look.js";
import { percent } from "../plots/table.js";

/** @import { Drawn } from "../plots/types.js" */
/** @import { Mark, MarkView } from "./types.js" */

const ROW = 24;
const TALL_ROW = 40;
const MOST_LETTERS = 34;
/** An interval may reach this much of the span of the values beyond them before it is cut. */
const REACH = 0.5;

/**
 * @param {MarkView} view
 * @param {number} width
 * @returns {Drawn}
 */
export function drawMarks(view, width) {
  const Plot = plotLibrary();
  const rows = view.marks;
  if (!rows.length) return { svg: null, table: view.table, note: view.note };
  const narrow = isNarrow(width);
  const { low, high, isCut } = domainOf(view);
  const clip = (/** @type {number} */ x) => Math.max(low, Math.min(high, x));
  const barred = rows.flatMap((row, i) => (row.low === null || row.high === null ? [] : [{ low: clip(row.low), high: clip(row.high), i }]));
  const colour = (/** @type {Mark} */ row) => {
    if (!view.hues.length) return "var(--accent)";
    return row.value < 0 ? `var(--${view.hues[0]})` : row.value > 0 ? `var(--${view.hues[1]})` : "var(--soft)";
  };
  const span = high - low;
  const digits = span < 0.05 ? 3 : span < 0.5 ? 2 : 1;
  const tickFormat = (/** @type {number} */ x) => (view.is_percent ? percent(x, span < 0.05 ? 1 : 0, true) : x.toFixed(digits).replace("-", "−"));
  const [left, right] = view.sides;
  const label = left ? (narrow ? `← ${left} · ${right} →` : `← ${left} · ${view.axis} · ${right} →`) : `${view.axis} →`;
  const names = narrow
    ? [Plot.text(rows, { x: () => low, y: (/** @type {Mark} */ _, /** @type {number} */ i) => i, text: (/** @type {Mark} */ row) => shortened(row.name, Math.floor((width - 40) / 6.6)), textAnchor: "start", dy: -13, fill: "var(--ink)", ariaHidden: "true" })]
    : [];
  const svg = Plot.plot(
    withLook(width, {
      marginLeft: narrow ? 10 : Math.max(...rows.map((row) => shortened(row.name, MOST_LETTERS).length)) * 6.9 + 18,
      height: rows.length * (narrow ? TALL_ROW : ROW) + 86,
      x: { domain: [low, high], grid: true, label, labelAnchor: "center", tickFormat, ticks: narrow ? 4 : 8 },
      y: { type: "point", domain: rows.map((_, i) => i), label: null, tickSize: 0, tickFormat: (/** @type {number} */ i) => (narrow ? "" : shortened(rows[i].name, MOST_LETTERS)) },
      marks: [
        ...(left ? [Plot.ruleX([0], { stroke: "var(--soft)" })] : []),
        Plot.link(barred, {
          x1: "low", x2: "high", y: "i", stroke: (/** @type {{i: number}} */ bar) => colour(rows[bar.i]), strokeWidth: 2.5,
          strokeOpacity: 0.45, strokeLinecap: "round", ariaHidden: "true",
        }),
        ...names,
        Plot.dot(rows, {
          x: "value", y: (/** @type {Mark} */ _, /** @type {number} */ i) => i, r: 4.5, stroke: colour, strokeWidth: 2,
          fill: (/** @type {Mark} */ row) => (row.is_filled ? colour(row) : "var(--paper)"),
          ariaLabel: (/** @type {Mark} */ row) => `${row.name}\n${row.told}`,
        }),
      ],
    }),
  );
  const cut = isCut ? "Bars are cut at the edge of the drawing." : "";
  return { svg, table: view.table, note: [view.note, cut].filter(Boolean).join(" ") };
}

/**
 * The values and their intervals, as far as these do not press the values together.
 * @param {MarkView} view
 */
function domainOf(view) {
  const values = view.marks.map((row) => row.value);
  if (view.sides.length) values.push(0);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = (most - least || Math.abs(most) || 0.01) * REACH;
  const lows = view.marks.map((row) => row.low ?? row.value);
  const highs = view.marks.map((row) => row.high ?? row.value);
  const [low, high] = [Math.min(...lows, ...values), Math.max(...highs, ...values)];
  const edge = (most - least || room) * 0.04;
  return {
    low: Math.max(low, least - room) - edge,
    high: Math.min(high, most + room) + edge,
    isCut: low < least - room || high > most + room,
  };
}
