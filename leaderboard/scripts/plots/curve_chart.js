// Exact tuning curves, drawn: error against trials or seconds, with the luck in tuning.

import { drawLines } from "./lines.js";
import { isNarrow } from "./look.js";
import { percent, significant } from "./table.js";

/** @import { Drawn, Series } from "./types.js" */

/**
 * As leaderboard/curves.py writes it.
 * @typedef {object} Curve
 * @property {string} model
 * @property {boolean} is_exact
 * @property {number} n_tasks
 * @property {number} n_splits
 * @property {number[]} n_trials
 * @property {(number | null)[]} seconds
 * @property {(number | null)[]} error
 * @property {(number | null)[]} low
 * @property {(number | null)[]} high
 */

/**
 * @param {Curve[]} curves
 * @param {Series[]} series looks of the models
 * @param {{isOverTasks: boolean, against: "trials" | "seconds"}} what
 * @param {number} width
 * @param {(key: string) => boolean} isShown
 * @returns {Drawn}
 */
export function drawCurves(curves, series, what, width, isShown) {
  const table = {
    columns: ["model", "exact", "tasks", "splits", "trials", "seconds", "error", "error, lucky twentieth", "error, unlucky twentieth"],
    rows: curves.flatMap((c) => c.n_trials.map((n, i) => [c.model, c.is_exact ? "yes" : "no", c.n_tasks, c.n_splits, n, c.seconds[i], c.error[i], c.low[i], c.high[i]])),
  };
  const show = (/** @type {number} */ error) => (what.isOverTasks ? percent(error, 1, true) : significant(error, 4));
  const lines = series.filter((one) => isShown(one.key)).flatMap((one) => {
    const curve = curves.find((c) => c.model === one.key);
    if (!curve) return [];
    const points = curve.n_trials.flatMap((n, i) => {
      const [y, seconds] = [curve.error[i], curve.seconds[i]];
      const x = what.against === "trials" ? n : seconds;
      if (y === null || x === null || !(x > 0)) return [];
      const [low, high] = [curve.low[i], curve.high[i]];
      const luck = low !== null && high !== null && n > 1 ? `\nnine orders of ten: ${show(low)} to ${show(high)}` : "";
      return [{ x, y, low, high, told: `${one.name}\nafter ${n} trial${n === 1 ? "" : "s"}${seconds === null ? "" : `, ${significant(seconds)} s`}\nerror ${show(y)}${luck}` }];
    });
    return points.length ? [{ name: one.name, colour: one.colour, dash: one.dash ?? "", points }] : [];
  });
  if (!lines.length) return { svg: null, table, note: curves.length ? "No model is shown." : "Nothing was tuned." };
  const values = lines.flatMap((line) => line.points.map((p) => p.y));
  const inside = lines.flatMap((line) => line.points.flatMap((p) => (p.x > line.points[0].x ? [p.low ?? p.y, p.high ?? p.y] : [p.y])));
  const [low, high] = [Math.min(...values, ...inside), Math.max(...values, ...inside)];
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  const svg = drawLines(lines, width, {
    curve: what.against === "trials" ? "linear" : "linear",
    x: { type: "log", label: what.against === "trials" ? "trials (log) →" : "seconds of trials, one split (log) →", ticks: isNarrow(width) ? 4 : 8, tickFormat: (/** @type {number} */ x) => Number(x.toPrecision(2)).toLocaleString("en") },
    y: { domain: [low - room, high + room], label: what.isOverTasks ? "↑ error, relative to the default’s" : "↑ test error", tickFormat: (/** @type {number} */ y) => (what.isOverTasks ? percent(y, high - low < 0.04 ? 1 : 0, true) : significant(y, 3)), ticks: 6 },
  });
  const isOneOrder = curves.some((c) => !c.is_exact);
  return { svg, table, note: `${lines.length} of ${curves.length} tuned models shown.${isOneOrder ? " Some curves are the one order that happened." : ""}` };
}
