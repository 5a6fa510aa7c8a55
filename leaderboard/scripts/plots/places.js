// Rows of places: the places that each model may hold, and those it takes when a choice behind the ranking changes.

import { isNarrow, plotLibrary, shortened, withLook } from "./look.js";

/** @import { Drawn } from "./types.js" */

/**
 * @typedef {object} PlaceRow
 * @property {string} name
 * @property {string} colour
 * @property {number} place
 * @property {number} best NaN where there is no bar
 * @property {number} worst
 * @property {string} told what the mark says, after the name
 */

/**
 * @param {PlaceRow[]} rows the best first
 * @param {number} width
 * @param {number} nModels
 * @param {string} label
 * @returns {SVGSVGElement}
 */
export function drawPlaces(rows, width, nModels, label) {
  const Plot = plotLibrary();
  const most = isNarrow(width) ? 16 : 28;
  const marginLeft = Math.max(...rows.map((row) => shortened(row.name, most).length)) * 6.9 + 18;
  const barred = rows.filter((row) => Number.isFinite(row.best));
  return Plot.plot(
    withLook(width, {
      marginLeft,
      height: rows.length * 24 + 76,
      x: { domain: [0.6, nModels + 0.4], grid: true, label, ticks: Math.min(nModels, isNarrow(width) ? 6 : 12), tickFormat: (/** @type {number} */ x) => (Number.isInteger(x) ? String(x) : "") },
      y: { type: "point", domain: rows.map((_, i) => i), label: null, tickSize: 0, tickFormat: (/** @type {number} */ i) => shortened(rows[i].name, most) },
      marks: [
        Plot.link(barred, {
          x1: "best", x2: "worst", y: (/** @type {PlaceRow} */ row) => rows.indexOf(row), stroke: "colour", strokeWidth: 9,
          strokeOpacity: 0.32, strokeLinecap: "round", ariaHidden: "true",
        }),
        Plot.dot(rows, {
          x: "place", y: (/** @type {PlaceRow} */ _, /** @type {number} */ i) => i, r: 5, fill: "colour", stroke: "var(--paper)", strokeWidth: 1.5,
          ariaLabel: (/** @type {PlaceRow} */ row) => `${row.name}\n${row.told}`,
        }),
      ],
    }),
  );
}

/**
 * @param {PlaceRow[]} rows
 * @param {number} width
 * @param {number} nModels
 * @param {string} without a sentence where there are no bars
 * @returns {Drawn}
 */
export function drawIntervals(rows, width, nModels, without) {
  const table = {
    columns: ["model", "place by mean rank", "best place", "worst place"],
    rows: rows.map((row) => [row.name, row.place, row.best, row.worst]),
  };
  if (!rows.length) return { svg: null, table, note: "No model is shown." };
  return { svg: drawPlaces(rows, width, nModels, "place →"), table, note: rows.some((row) => Number.isFinite(row.best)) ? "" : without };
}

/** @typedef {{model: string, place: number, best_place: number, worst_place: number, largest_move: number, moves_with: string}} Moved */
/** @typedef {{option: string, variant: string, n_models: number, n_tasks: number, kendall_tau: number | null, largest_move: number | null, moved_model: string}} Variant */

/**
 * @param {Moved[]} models
 * @param {Variant[]} variants
 * @param {(name: string) => string} colourOf
 * @param {number} width
 * @param {(name: string) => boolean} isShown
 * @returns {Drawn}
 */
export function drawSensitivity(models, variants, colourOf, width, isShown) {
  const shown = models.filter((one) => isShown(one.model));
  const rows = shown.map((one) => ({
    name: one.model, colour: colourOf(one.model), place: one.place, best: one.best_place, worst: one.worst_place,
    told:
      `place ${one.place}, between ${one.best_place} and ${one.worst_place}` +
      (one.largest_move ? `\nmoves ${one.largest_move} with ${one.moves_with}` : "\nno choice moves it"),
  }));
  const table = {
    columns: ["option", "variant", "models", "tasks", "Kendall's tau", "largest move", "who"],
    rows: variants.map((one) => [one.option, one.variant, one.n_models, one.n_tasks, one.kendall_tau, one.largest_move, one.moved_model]),
  };
  if (!rows.length) return { svg: null, table, note: "No model is shown." };
  const told = variants.filter((one) => one.kendall_tau !== null).sort((a, b) => Number(a.kendall_tau) - Number(b.kendall_tau));
  const most = told[0];
  const note = most
    ? `${variants.length} rankings, one choice changed in each. The order agrees least with ${most.option}: ${most.variant} (Kendall's tau ${Number(most.kendall_tau).toFixed(2)}).`
    : "";
  return { svg: drawPlaces(rows, width, models.length, "place →"), table, note };
}
