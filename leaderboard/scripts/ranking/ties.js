// When two errors count as equal, and the ranks that follow (tabbench/ranking/ties.py, ranks.py).

/** @import { Table } from "./types.js" */

/**
 * Whether errors are equal but for rounding: |a - b| ≤ max(1e-9 max(|a|, |b|), 1e-15).
 * @param {number} a
 * @param {number} b
 */
export function areTied(a, b) {
  return Math.abs(a - b) <= Math.max(1e-9 * Math.max(Math.abs(a), Math.abs(b)), 1e-15);
}

/**
 * Rank of each entrant on each split, 1 is best; those that tie with the best of their group share their mean place.
 * @param {Table} table without gaps
 * @returns {Float64Array} split by split
 */
export function splitRanks(table) {
  const { nModels, nSplits, errors } = table;
  const ranks = new Float64Array(errors.length);
  const order = new Int32Array(nModels);
  for (let split = 0; split < nSplits; split++) {
    const start = split * nModels;
    for (let i = 0; i < nModels; i++) order[i] = i;
    order.sort((a, b) => errors[start + a] - errors[start + b] || a - b);
    for (let first = 0; first < nModels; ) {
      const leader = errors[start + order[first]];
      let end = first + 1;
      while (end < nModels && areTied(errors[start + order[end]], leader)) end++;
      for (let i = first; i < end; i++) ranks[start + order[i]] = first + (end - first + 1) / 2;
      first = end;
    }
  }
  return ranks;
}
