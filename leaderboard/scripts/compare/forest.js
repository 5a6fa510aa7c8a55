// A row a task: where the second model's error lies against the first's, with its interval.

import { isNarrow, plotLibrary, shortened, withLook } from "../plots/look.js";
import { percent, significant } from "../plots/table.js";

/** @import { Comparison } from "../statistics/comparison.js" */
/** @import { Drawn } from "../plots/types.js" */

/**
 * @param {Comparison} comparison
 * @param {string[]} taskNames of every task of the site
 * @param {[string, string]} models
 * @param {number} width
 * @returns {Drawn}
 */
export function drawForest(comparison, taskNames, models, width) {
  const Plot = plotLibrary();
  const rows = comparison.tasks
    .map((task) => ({ ...task, name: taskNames[task.task], low: task.interval?.low ?? NaN, high: task.interval?.high ?? NaN }))
    .sort((a, b) => a.difference - b.difference);
  const table = {
    columns: ["task", models[0], models[1], "relative difference", "low", "high", "p", "splits"],
    rows: rows.map((row) => [row.name, row.firstError, row.secondError, row.difference, row.low, row.high, row.p, row.nSplits]),
  };
  if (!rows.length) return { svg: null, table, note: "" };
  const most = isNarrow(width) ? 18 : 30;
  const [side1, side2] = models.map((name) => shortened(name, isNarrow(width) ? 12 : 30));
  const reach = Math.min(1, Math.max(0.01, ...rows.map((row) => Math.abs(row.difference) * 1.6)));
  const clip = (/** @type {number} */ x) => Math.max(-reach, Math.min(reach, x));
  const side = (/** @type {{difference: number}} */ row) => (row.difference < 0 ? "var(--wins-high)" : row.difference > 0 ? "var(--wins-low)" : "var(--soft)");
  const svg = Plot.plot(
    withLook(width, {
      marginLeft: Math.max(...rows.map((row) => shortened(row.name, most).length)) * 6.9 + 18,
      height: rows.length * 24 + 86,
      x: { domain: [-reach, reach], grid: true, label: `← ${side1} better · ${side2} better →`, labelAnchor: "center", tickFormat: (/** @type {number} */ x) => percent(x, reach < 0.05 ? 1 : 0, true), ticks: isNarrow(width) ? 5 : 9 },
      y: { type: "point", domain: rows.map((_, i) => i), label: null, tickSize: 0, tickFormat: (/** @type {number} */ i) => shortened(rows[i].name, most) },
      marks: [
        Plot.ruleX([0], { stroke: "var(--soft)" }),
        Plot.link(rows.filter((row) => row.interval), {
          x1: (/** @type {typeof rows[0]} */ row) => clip(row.low), x2: (/** @type {typeof rows[0]} */ row) => clip(row.high),
          y: (/** @type {typeof rows[0]} */ row) => rows.indexOf(row), stroke: side, strokeWidth: 2.5, strokeOpacity: 0.45, strokeLinecap: "round",
        }),
        Plot.dot(rows, {
          x: "difference", y: (/** @type {typeof rows[0]} */ row) => rows.indexOf(row), r: 5, fill: side, stroke: "var(--paper)", strokeWidth: 1.5,
          ariaLabel: (/** @type {typeof rows[0]} */ row) =>
            `${row.name}\n${models[0]} ${significant(row.firstError, 4)}\n${models[1]} ${significant(row.secondError, 4)}\ndifference ${percent(row.difference, 1, true)}` +
            (row.p === null ? "" : `\np = ${significant(row.p, 2)}, ${row.nSplits} splits`),
        }),
      ],
    }),
  );
  return { svg, table, note: "Bars: 95 % by the corrected resampled t-test of that task alone, cut at the edge of the drawing." };
}
