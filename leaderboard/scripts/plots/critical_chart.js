// The critical-difference diagram: a line of mean ranks, names on both sides of it, bars over groups not told apart.

import { FEWEST_TASKS } from "../ranking/leaderboard.js";
import { isNarrow, plotLibrary, shortened, spreadOut, withLook } from "./look.js";

/** @import { CriticalDifference } from "../statistics/critical_difference.js" */
/** @import { Drawn } from "./types.js" */

const ROW = 20;
const BAR = 10;

/**
 * @param {string[]} names
 * @param {CriticalDifference} tested
 * @param {number[][]} groups members from the best to the worst; none under ten families of tasks
 * @param {{nTasks: number, nFamilies: number}} over
 * @param {(name: string) => string} colourOf
 * @param {number} width
 * @returns {Drawn}
 */
export function drawCritical(names, tested, groups, over, colourOf, width) {
  const { friedman, meanRanks } = tested;
  const order = names.map((_, i) => i).sort((a, b) => meanRanks[a] - meanRanks[b]);
  const table = {
    columns: ["model", "mean rank of mean errors", "groups"],
    rows: order.map((i) => [names[i], meanRanks[i], groups.flatMap((group, g) => (group.includes(i) ? [g + 1] : [])).join(" ")]),
  };
  return {
    svg: isNarrow(width) ? drawUpright(names, order, tested, groups, colourOf, width) : drawAcross(names, order, tested, groups, colourOf, width),
    table,
    note: inWords(friedman, groups, over, tested.nemenyi),
  };
}

/**
 * @param {CriticalDifference["friedman"]} friedman
 * @param {number[][]} groups
 * @param {{nTasks: number, nFamilies: number}} over
 * @param {number} nemenyi
 */
function inWords(friedman, groups, { nTasks, nFamilies }, nemenyi) {
  const found = `Friedman, ${nTasks} tasks: F(${friedman.degrees.join(", ")}) = ${Number.isFinite(friedman.f) ? friedman.f.toFixed(2) : "∞"}, p = ${probability(friedman.p)}.`;
  if (nFamilies < FEWEST_TASKS) return `${found} Under ${FEWEST_TASKS} families of tasks no groups are drawn.`;
  if (friedman.p > 0.05) return `${found} No difference between any two models is significant at 0.05.`;
  return `${found} ${groups.length} group${groups.length === 1 ? "" : "s"} not told apart. Nemenyi's critical difference would be ${nemenyi.toFixed(2)}.`;
}

/** @param {number} p */
export function probability(p) {
  return p > 0 && p < 0.0001 ? p.toExponential(1) : String(Number(p.toPrecision(2)));
}

/**
 * @param {string[]} names
 * @param {number[]} order
 * @param {CriticalDifference} tested
 * @param {number[][]} groups
 * @param {(name: string) => string} colourOf
 * @param {number} width
 */
function drawAcross(names, order, { meanRanks, nemenyi }, groups, colourOf, width) {
  const Plot = plotLibrary();
  const half = Math.ceil(order.length / 2);
  const marginLeft = 200;
  const marginRight = 200;
  const low = Math.max(1, Math.floor(Math.min(...meanRanks)));
  const high = Math.max(Math.ceil(Math.max(...meanRanks)), low + 1);
  const top = 64;
  const firstRow = top + 20 + groups.length * BAR;
  const height = firstRow + half * ROW + 12;
  /** y in pixels, turned, since the scale of a plot points up @param {number} y */
  const down = (y) => height - y;
  const ends = order.map((i, place) => ({
    i, isLeft: place < half, rank: meanRanks[i], y: firstRow + (place < half ? place : order.length - 1 - place) * ROW + 6,
  }));
  const edge = (/** @type {typeof ends[0]} */ end) => (end.isLeft ? low : high);
  const bars = groups.flatMap((group, g) => {
    const ranks = group.map((i) => meanRanks[i]);
    return [{ from: Math.min(...ranks), to: Math.max(...ranks), y: top + 14 + g * BAR, group }];
  });
  const told = (/** @type {{i: number}} */ { i }) => `${names[i]}\nmean rank ${meanRanks[i].toFixed(2)}`;
  return Plot.plot(
    withLook(width, {
      marginLeft, marginRight, marginTop: 0, marginBottom: 0, height,
      x: { domain: [low, high], axis: null },
      y: { domain: [0, height], axis: null },
      marks: [
        Plot.link([0], { x1: low, x2: high, y1: down(top), y2: down(top), stroke: "var(--ink)", strokeWidth: 1.5 }),
        Plot.tickX(ticks(low, high), { x: (/** @type {number} */ x) => x, y: undefined, stroke: "none" }),
        Plot.link(ticks(low, high), { x1: (/** @type {number} */ x) => x, x2: (/** @type {number} */ x) => x, y1: down(top), y2: down(top - 6), stroke: "var(--ink)" }),
        Plot.text(ticks(low, high), { x: (/** @type {number} */ x) => x, y: down(top - 16), text: (/** @type {number} */ x) => String(x), fill: "var(--soft)" }),
        ...(nemenyi < high - low
          ? [
              Plot.link([0], { x1: low, x2: low + nemenyi, y1: down(26), y2: down(26), stroke: "var(--soft)", strokeWidth: 2, markerStart: "tick", markerEnd: "tick" }),
              Plot.text([0], { x: low + nemenyi, y: down(26), text: () => `Nemenyi’s critical difference ${nemenyi.toFixed(2)}`, textAnchor: "start", dx: 8, fill: "var(--soft)" }),
            ]
          : []),
        Plot.link(ends, { x1: "rank", x2: "rank", y1: down(top), y2: (/** @type {typeof ends[0]} */ e) => down(e.y), stroke: (/** @type {typeof ends[0]} */ e) => colourOf(names[e.i]), strokeWidth: 1.2, strokeOpacity: 0.8 }),
        Plot.link(ends, { x1: "rank", x2: edge, y1: (/** @type {typeof ends[0]} */ e) => down(e.y), y2: (/** @type {typeof ends[0]} */ e) => down(e.y), stroke: (/** @type {typeof ends[0]} */ e) => colourOf(names[e.i]), strokeWidth: 1.2, strokeOpacity: 0.8 }),
        Plot.link(bars, { x1: "from", x2: "to", y1: (/** @type {typeof bars[0]} */ b) => down(b.y), y2: (/** @type {typeof bars[0]} */ b) => down(b.y), stroke: "var(--ink)", strokeWidth: 5, strokeLinecap: "round", ariaLabel: (/** @type {typeof bars[0]} */ b) => `Not told apart\n${b.group.map((i) => names[i]).join("\n")}` }),
        Plot.dot(bars.flatMap((bar) => bar.group.map((i) => ({ rank: meanRanks[i], y: bar.y }))), { x: "rank", y: (/** @type {{y: number}} */ b) => down(b.y), r: 2.6, fill: "var(--paper)", stroke: "var(--ink)", strokeWidth: 1.4 }),
        Plot.dot(ends, { x: "rank", y: down(top), r: 4.5, fill: (/** @type {typeof ends[0]} */ e) => colourOf(names[e.i]), stroke: "var(--paper)", strokeWidth: 1.2, ariaLabel: told }),
        ...[true, false].map((isLeft) =>
          Plot.text(ends.filter((e) => e.isLeft === isLeft), {
            x: edge, y: (/** @type {typeof ends[0]} */ e) => down(e.y), dx: isLeft ? -8 : 8, textAnchor: isLeft ? "end" : "start", fill: "var(--ink)",
            text: (/** @type {typeof ends[0]} */ e) => (isLeft ? `${shortened(names[e.i], 22)}  ${meanRanks[e.i].toFixed(2)}` : `${meanRanks[e.i].toFixed(2)}  ${shortened(names[e.i], 22)}`),
          }),
        ),
      ],
    }),
  );
}

/**
 * The same on a phone: ranks run down, names stand on the right, bars on the left.
 * @param {string[]} names
 * @param {number[]} order
 * @param {CriticalDifference} tested
 * @param {number[][]} groups
 * @param {(name: string) => string} colourOf
 * @param {number} width
 */
function drawUpright(names, order, { meanRanks }, groups, colourOf, width) {
  const Plot = plotLibrary();
  const low = Math.max(1, Math.floor(Math.min(...meanRanks)));
  const high = Math.max(Math.ceil(Math.max(...meanRanks)), low + 1);
  const axis = 34 + groups.length * BAR;
  const height = Math.max(order.length * ROW * 1.3, 240);
  const span = height - 40;
  const spots = order.map((i) => 20 + ((meanRanks[i] - low) / (high - low)) * span);
  const rows = spreadOut(spots, ROW - 2);
  const marks = order.map((i, place) => ({ i, rank: meanRanks[i], spot: spots[place], row: rows[place] }));
  const bars = groups.map((group, g) => ({
    from: 20 + ((Math.min(...group.map((i) => meanRanks[i])) - low) / (high - low)) * span,
    to: 20 + ((Math.max(...group.map((i) => meanRanks[i])) - low) / (high - low)) * span,
    x: axis - 10 - g * BAR,
    group,
  }));
  const colour = (/** @type {{i: number}} */ m) => colourOf(names[m.i]);
  return Plot.plot(
    withLook(width, {
      marginLeft: 0, marginRight: 0, marginTop: 0, marginBottom: 0, height,
      x: { domain: [0, width], axis: null },
      y: { domain: [height, 0], axis: null },
      marks: [
        Plot.link([0], { x1: axis, x2: axis, y1: 20, y2: height - 20, stroke: "var(--ink)", strokeWidth: 1.5 }),
        Plot.text(ticks(low, high), { x: 12, y: (/** @type {number} */ t) => 20 + ((t - low) / (high - low)) * span, text: (/** @type {number} */ t) => String(t), fill: "var(--soft)" }),
        Plot.link(marks, { x1: axis, x2: axis + 40, y1: "spot", y2: "row", stroke: colour, strokeOpacity: 0.8 }),
        Plot.link(bars, { x1: "x", x2: "x", y1: "from", y2: "to", stroke: "var(--ink)", strokeWidth: 5, strokeLinecap: "round", ariaLabel: (/** @type {typeof bars[0]} */ b) => `Not told apart\n${b.group.map((i) => names[i]).join("\n")}` }),
        Plot.dot(marks, { x: axis, y: "spot", r: 4.5, fill: colour, stroke: "var(--paper)", strokeWidth: 1.2, ariaLabel: (/** @type {typeof marks[0]} */ m) => `${names[m.i]}\nmean rank ${m.rank.toFixed(2)}` }),
        Plot.text(marks, { x: axis + 46, y: "row", textAnchor: "start", fill: "var(--ink)", text: (/** @type {typeof marks[0]} */ m) => `${m.rank.toFixed(2)}  ${shortened(names[m.i], 24)}` }),
      ],
    }),
  );
}

/**
 * @param {number} low
 * @param {number} high
 */
function ticks(low, high) {
  const step = high - low > 16 ? 5 : high - low > 8 ? 2 : 1;
  return Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, i) => low + i * step);
}
