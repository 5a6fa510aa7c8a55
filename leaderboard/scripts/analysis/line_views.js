// Lines of tasks, models or ways over doses, rows or numbers of configurations; bars where a point has an interval.

import { drawLines } from "../plots/lines.js";
import { isNarrow, lineLook, plotLibrary } from "../plots/look.js";
import { percent } from "../plots/table.js";

/** @import { Drawn, Series } from "../plots/types.js" */
/** @import { LineView, Point } from "./types.js" */

/** Pixels between the bars of two lines at the same place. */
const SIDE_BY_SIDE = 4;

/**
 * The named lines, for the legend.
 * @param {LineView} view
 * @returns {Series[]}
 */
export function seriesOf(view) {
  return view.lines.filter((line) => line.name).map((line, i) => ({ key: line.name, name: line.name, ...lineLook(i) }));
}

/**
 * @param {LineView} view
 * @param {number} width
 * @param {(key: string) => boolean} isShown
 * @returns {Drawn}
 */
export function drawLineView(view, width, isShown) {
  const Plot = plotLibrary();
  const looks = new Map(seriesOf(view).map((one) => [one.key, one]));
  const lines = view.lines.filter((line) => line.name && isShown(line.name)).map((line) => {
    const look = looks.get(line.name);
    return { name: line.name, colour: look?.colour ?? "var(--ink)", dash: look?.dash ?? "", points: line.points.map(({ x, y, told }) => ({ x, y, told })) };
  });
  if (!lines.length) return { svg: null, table: view.table, note: "No line is shown." };
  const faint = view.lines.filter((line) => !line.name);
  const barred = view.lines.filter((line) => line.name && isShown(line.name)).map((line) => ({
    colour: looks.get(line.name)?.colour ?? "var(--ink)", points: line.points.filter((p) => p.low !== null && p.high !== null),
  }));
  const [low, high] = domainOf(view, isShown);
  const clip = (/** @type {number | null} */ y) => Math.max(low, Math.min(high, Number(y)));
  const last = view.places.length - 1;
  const x = view.places.length
    ? { domain: [-0.15, last + 0.15], ticks: view.places.map((_, i) => i), tickFormat: (/** @type {number} */ i) => view.places[i] ?? "", label: `${view.x_axis} →`, grid: false }
    : view.is_log
      ? { type: "log", label: `${view.x_axis} →`, ticks: isNarrow(width) ? 4 : 8, tickFormat: (/** @type {number} */ n) => n.toLocaleString("en") }
      : { label: `${view.x_axis} →`, ticks: Math.min(8, lines[0].points.length), tickFormat: (/** @type {number} */ n) => (Number.isInteger(n) ? String(n) : "") };
  const tickFormat = (/** @type {number} */ y) => (view.is_percent ? percent(y, high - low < 0.05 ? 1 : 0, true) : y.toLocaleString("en", { maximumSignificantDigits: 3 }).replace("-", "−"));
  const svg = drawLines(lines, width, {
    x,
    y: { domain: [low, high], label: `↑ ${view.y_axis}`, tickFormat, ticks: 6 },
    marks: [
      ...(low < 0 && high > 0 ? [Plot.ruleY([0], { stroke: "var(--soft)" })] : []),
      ...faint.map((line) => Plot.line(line.points, { x: "x", y: (/** @type {Point} */ p) => clip(p.y), stroke: "var(--soft)", strokeOpacity: 0.35, ariaHidden: "true" })),
      ...faint.map((line) => Plot.dot(line.points.slice(1), { x: "x", y: (/** @type {Point} */ p) => clip(p.y), r: 2.5, fill: "var(--soft)", fillOpacity: 0.6, ariaLabel: "told" })),
      ...barred.map(({ colour, points }, i) =>
        Plot.link(points, {
          x1: "x", x2: "x", y1: (/** @type {Point} */ p) => clip(p.low), y2: (/** @type {Point} */ p) => clip(p.high), dx: SIDE_BY_SIDE * (i - (barred.length - 1) / 2),
          stroke: colour, strokeWidth: 2.5, strokeOpacity: 0.5, strokeLinecap: "round", ariaHidden: "true",
        }),
      ),
    ],
  });
  return { svg, table: view.table, note: view.note };
}

/**
 * All values, and intervals as far as they do not press these together.
 * @param {LineView} view
 * @param {(key: string) => boolean} isShown
 * @returns {[number, number]}
 */
function domainOf(view, isShown) {
  const points = view.lines.filter((line) => !line.name || isShown(line.name)).flatMap((line) => line.points);
  const values = points.map((p) => p.y);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = most - least || Math.abs(most) || 1;
  const low = Math.max(Math.min(...points.map((p) => p.low ?? p.y), least), least - room / 2);
  const high = Math.min(Math.max(...points.map((p) => p.high ?? p.y), most), most + room / 2);
  return [low - room * 0.06, high + room * 0.06];
}
