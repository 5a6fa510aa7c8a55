// Scores of errors by their size (tabbench/ranking/scores.py).

import { median } from "./averages.js";
import { areTied } from "./ties.js";

/** @import { Table } from "./types.js" */

/**
 * A number for each error from those of its split.
 * @param {Table} table
 * @param {(row: Float64Array, out: Float64Array) => void} score
 */
function bySplit(table, score) {
  const scores = new Float64Array(table.errors.length);
  for (let i = 0; i < scores.length; i += table.nModels) {
    score(table.errors.subarray(i, i + table.nModels), scores.subarray(i, i + table.nModels));
  }
  return scores;
}

/**
 * 1 for the best model of a split, 0 for the median model and all below, linear between.
 * @param {Table} table
 */
export function splitNormalisedScores(table) {
  return bySplit(table, (row, out) => {
    const best = Math.min(...row);
    const zero = median(row);
    const hasScale = !areTied(zero, best);
    row.forEach((error, i) => {
      const lost = hasScale ? (error - best) / (zero - best) : areTied(error, best) ? 0 : 1;
      out[i] = Math.min(Math.max(1 - lost, 0), 1);
    });
  });
}

/**
 * How much smaller an error would be if the best model of the split had made it; NaN everywhere if one is below 0.
 * @param {Table} table
 */
export function splitImprovability(table) {
  if (table.errors.some((error) => error < 0)) return new Float64Array(table.errors.length).fill(NaN);
  return bySplit(table, (row, out) => {
    const best = Math.min(...row);
    row.forEach((error, i) => (out[i] = areTied(error, best) ? 0 : 1 - best / error));
  });
}

/**
 * Logarithm of each error over the reference's on the same split, within a millionth and a million.
 * @param {Table} table
 * @param {number} reference
 */
export function splitLogRatios(table, reference) {
  if (table.errors.some((error) => error < 0)) return new Float64Array(table.errors.length).fill(NaN);
  return bySplit(table, (row, out) => {
    const own = row[reference];
    row.forEach((error, i) => {
      out[i] = areTied(error, own) ? 0 : Math.log(Math.min(Math.max(error / own, 1e-6), 1 / 1e-6));
    });
  });
}
