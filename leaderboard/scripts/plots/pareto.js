// Score against time, with the Pareto front.

import { familyColour, isNarrow, plotLibrary, shortened, symbolOf, withLook } from "./look.js";
import { significant } from "./table.js";

/** @import { Drawn, Family, Series } from "./types.js" */

/**
 * @typedef {object} Point
 * @property {string} name
 * @property {string} family
 * @property {number} seconds
 * @property {number} score
 */

/**
 * The points that no other beats: none is as fast and better, or as good and faster. Fastest first.
 * @param {Point[]} points
 * @param {boolean} isHigherBetter
 * @returns {Point[]}
 */
export function paretoFront(points, isHigherBetter) {
  const sign = isHigherBetter ? 1 : -1;
  /** @type {Point[]} */
  const front = [];
  const ordered = [...points].sort((a, b) => a.seconds - b.seconds || sign * (b.score - a.score));
  for (const point of ordered) {
    const last = front.at(-1);
    const isEqual = last && last.seconds === point.seconds && last.score === point.score;
    if (!last || sign * (point.score - last.score) > 0 || isEqual) front.push(point);
  }
  return front;
}

/**
 * @param {Point[]} points
 * @param {Record<string, Family>} families
 * @returns {Series[]}
 */
export function familySeries(points, families) {
  const present = new Set(points.map((point) => (point.family in families ? point.family : "other")));
  return Object.entries(families)
    .filter(([family]) => present.has(family))
    .map(([key, [name, outline]]) => ({ key, name, outline, colour: familyColour(key, families) }));
}

/**
 * @param {Point[]} points those with a score and a time
 * @param {number} width
 * @param {{score: string, time: string, isHigherBetter: boolean, families: Record<string, Family>}} words
 * @returns {Drawn}
 */
export function drawPareto(points, width, words) {
  const Plot = plotLibrary();
  const front = paretoFront(points, words.isHigherBetter);
  const onFront = new Set(front);
  const table = {
    columns: ["model", "family", `${words.time} time, s`, words.score, "on the Pareto front"],
    rows: points.map((p) => [p.name, p.family, p.seconds, p.score, onFront.has(p) ? "yes" : "no"]),
  };
  if (!points.length) return { svg: null, table, note: "No model has both a score and such a time." };
  const times = points.map((p) => p.seconds);
  const [low, high] = [Math.min(...times) / 1.7, Math.max(...times) * (isNarrow(width) ? 4 : 2.4)];
  const steps = [...front, { ...front[front.length - 1], seconds: high }];
  const symbols = Object.fromEntries(Object.entries(words.families).map(([key, [, outline]]) => [key, symbolOf(outline)]));
  /** @param {Point} p */
  const told = (p) =>
    `${p.name}\n${words.score} ${significant(p.score)}\n${words.time} ${significant(p.seconds)} s` +
    (onFront.has(p) ? "\non the Pareto front" : "");
  const height = isNarrow(width) ? 360 : 440;
  const scores = points.map((p) => p.score);
  const room = (Math.max(...scores) - Math.min(...scores) || 1) * 0.08;
  /** @type {[number, number]} */
  const domain = [Math.min(...scores) - room, Math.max(...scores) + room];
  const places = points.map((p) => ({
    x: 52 + (Math.log(p.seconds / low) / Math.log(high / low)) * (width - 72),
    y: 28 + ((domain[1] - p.score) / (domain[1] - domain[0])) * (height - 72),
  }));
  const named = withRoom(points, places, onFront);
  const svg = Plot.plot(
    withLook(width, {
      height,
      x: { type: "log", domain: [low, high], grid: true, label: `${words.time} time, s (log) →`, tickFormat: seconds, ticks: isNarrow(width) ? 4 : 8 },
      y: { grid: true, label: `↑ ${words.score}`, reverse: !words.isHigherBetter, domain, ticks: 6 },
      marks: [
        Plot.line(steps, { x: "seconds", y: "score", curve: "step-after", stroke: "var(--soft)", strokeDasharray: "4 4", strokeWidth: 1.5, ariaHidden: "true" }),
        Plot.text(named, {
          x: "seconds", y: "score", text: (/** @type {Point} */ p) => shortened(p.name, 22), dx: 10, textAnchor: "start",
          fill: (/** @type {Point} */ p) => (onFront.has(p) ? "var(--ink)" : "var(--soft)"),
          stroke: "var(--paper)", strokeWidth: 4, fontSize: 12, ariaHidden: "true",
        }),
        ...Object.keys(words.families).map((family) =>
          Plot.dot(points.filter((p) => (p.family in words.families ? p.family : "other") === family), {
            x: "seconds", y: "score", r: 6.4, symbol: symbols[family], fill: familyColour(family, words.families),
            stroke: "var(--paper)", strokeWidth: 1.2, ariaLabel: told,
          }),
        ),
      ],
    }),
  );
  return { svg, table, note: `${points.length} models, ${front.length} on the front.` };
}

/**
 * The points whose name has room on the right of their mark; those on the front come first.
 * @param {Point[]} points
 * @param {{x: number, y: number}[]} places
 * @param {Set<Point>} first
 */
function withRoom(points, places, first) {
  const boxes = places.map(({ x, y }) => ({ left: x - 7, right: x + 7, top: y - 7, bottom: y + 7 }));
  const order = points.map((_, i) => i).sort((i, j) => Number(first.has(points[j])) - Number(first.has(points[i])));
  return order
    .filter((i) => {
      const { x, y } = places[i];
      const wanted = { left: x + 8, right: x + 12 + shortened(points[i].name, 22).length * 6.8, top: y - 8, bottom: y + 8 };
      const isFree = boxes.every((box, j) => j === i || box.right < wanted.left || box.left > wanted.right || box.bottom < wanted.top || box.top > wanted.bottom);
      if (isFree) boxes.push(wanted);
      return isFree;
    })
    .map((i) => points[i]);
}

/** @param {number} value */
function seconds(value) {
  return value >= 1000 || value < 0.001 ? value.toExponential(0).replace("e+", "e") : String(value);
}
