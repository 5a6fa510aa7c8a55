// The aggregate of each row as a dot between the ends of its interval, all rows on one scale.

import { drawing, element } from "../parts/dom.js";

/** @import { Column } from "./columns.js" */
/** @import { Row } from "./rows.js" */

const WIDTH = 150;
const EDGE = 6;

/**
 * @typedef {object} Scale
 * @property {number} low
 * @property {number} high
 * @property {boolean} hasEnds whether any row has an interval
 * @property {number[]} ticks
 */

/**
 * A scale over what the battles bound, baselines aside: one hopeless entrant would press all others together.
 * @param {Row[]} rows
 * @param {string} name of the aggregate
 * @param {(row: Row) => boolean} isBaseline
 * @returns {Scale}
 */
export function scaleOf(rows, name, isBaseline) {
  const ranked = rows.filter((row) => row.is_ranked && Number.isFinite(row[name]));
  const bounded = name === "elo" ? ranked.filter((row) => !row.is_unbounded) : ranked;
  const real = bounded.filter((row) => !isBaseline(row));
  const counted = real.length > 1 ? real : bounded.length ? bounded : ranked;
  const points = counted.map((row) => row[name]);
  const room = (Math.max(...points) - Math.min(...points)) / 2; // an interval without end would press the others together
  const ends = counted.flatMap((row) => [row[name], row[`${name}_low`] ?? row[name], row[`${name}_high`] ?? row[name]]);
  const low = Math.max(Math.min(...ends), Math.min(...points) - room);
  const high = Math.min(Math.max(...ends), Math.max(...points) + room);
  const hasEnds = ranked.some((row) => Number.isFinite(row.rank_low));
  if (!ends.length) return { low: 0, high: 1, hasEnds, ticks: [] };
  const step = niceStep((high - low) / 3);
  const ticks = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step * 1e-9; tick += step) ticks.push(tick);
  return { low, high: high > low ? high : low + 1, hasEnds, ticks: high > low ? ticks : [low] };
}

/** @param {number} rough */
function niceStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  return power * ([1, 2, 5].find((m) => m * power >= rough * 0.7) ?? 10);
}

/**
 * @param {Scale} scale
 * @param {number} value
 */
function placeOn(scale, value) {
  const part = (value - scale.low) / (scale.high - scale.low);
  return EDGE + Math.min(Math.max(part, 0), 1) * (WIDTH - 2 * EDGE);
}

/**
 * The numbers of the scale, under its heading.
 * @param {Scale} scale
 * @param {Column} column
 */
export function scaleTicks(scale, column) {
  const svg = drawing("svg", { class: "scale", viewBox: `0 0 ${WIDTH} 16`, "aria-hidden": "true" });
  for (const tick of scale.ticks) {
    const x = placeOn(scale, tick);
    const anchor = x < 18 ? "start" : x > WIDTH - 18 ? "end" : "middle";
    svg.append(drawing("text", { x: anchor === "start" ? 0 : anchor === "end" ? WIDTH : x, y: 11, "text-anchor": anchor }, (column.writeTick ?? column.write)(tick)));
  }
  return svg;
}

/**
 * The figure and its drawing; what lies beyond the scale is an arrow at its end.
 * @param {Row} row
 * @param {Column} column
 * @param {Scale} scale
 * @returns {HTMLTableCellElement}
 */
export function drawnCell(row, column, scale) {
  const value = row[column.name];
  const cell = element("td", { class: "drawn" });
  if (value === null || value === undefined) {
    cell.append(element("span", { class: "figure" }, "–"));
    return cell;
  }
  const isUnbounded = column.name === "elo" && row.is_unbounded;
  const figure = element("span", { class: "figure" }, column.write(value));
  if (isUnbounded) figure.append(element("abbr", { title: "Battles put no bound on this rating: its size is the prior's work." }, "*"));
  cell.append(figure);
  const svg = drawing("svg", { class: "interval", viewBox: `0 0 ${WIDTH} 16`, "aria-hidden": "true" });
  for (const tick of scale.ticks) svg.append(drawing("path", { class: "grid", d: `M${placeOn(scale, tick).toFixed(1)} 0V16` }));
  const low = row[`${column.name}_low`];
  const high = row[`${column.name}_high`];
  if (Number.isFinite(low) && Number.isFinite(high)) {
    const [from, to] = [placeOn(scale, low).toFixed(1), placeOn(scale, high).toFixed(1)];
    svg.append(drawing("path", { class: "span", d: `M${from} 8H${to}` }));
    const written = `${column.write(low)} to ${column.write(high)}`;
    cell.append(element("span", { class: "ends" }, written));
    cell.title = `95 %: ${written}`;
  }
  const x = placeOn(scale, value);
  const isBeyond = value < scale.low || value > scale.high;
  const arrow = value < scale.low ? `M${x - 4} 8l6-4v8z` : `M${x + 4} 8l-6-4v8z`;
  svg.append(isBeyond ? drawing("path", { class: "beyond", d: arrow }) : drawing("circle", { cx: x.toFixed(1), cy: 8, r: 4 }));
  cell.append(svg);
  return cell;
}
