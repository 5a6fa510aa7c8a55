// Two models over many tasks, as tabbench/ranking/signed_rank.py: Wilcoxon's test (zeros by Pratt), the sign test, Holm.

import { areTied } from "../ranking/ties.js";
import { evenBinomial, normalShare } from "./distributions.js";

/** @typedef {{statistic: number, p: number, n: number}} Tested */

const MOST_EXACT = 50;

/**
 * Share of the larger error by which two differ, below 0 where the first is lower; 0 when they tie.
 * @param {number} a
 * @param {number} b
 * @returns {number}
 */
export function relativeDifference(a, b) {
  const larger = Math.max(Math.abs(a), Math.abs(b));
  return larger > 0 && !areTied(a, b) ? (a - b) / larger : 0;
}

/**
 * The ends of an interval cut to where relative differences can lie: -1..1, or -2..2 where errors have both signs.
 * @param {number} low
 * @param {number} high
 * @param {number[]} differences that it was made of
 */
export function possibleEnds(low, high, differences) {
  const bound = differences.every((x) => Math.abs(x) < 1 + 1e-9) ? 1 : 2;
  return { low: Math.max(low, -bound), high: Math.min(high, bound) };
}

/**
 * Test that differences are as often and as far above zero as below; exact up to 50 tasks without ties or zeros.
 * @param {ArrayLike<number>} differences one a task
 * @returns {Tested}
 */
export function wilcoxon(differences) {
  const d = Array.from(differences);
  const n = d.length;
  const { ranks, sizes } = middleRanks(d.map(Math.abs));
  const nZero = d.filter((x) => x === 0).length;
  if (nZero === n) return { statistic: 0, p: 1, n };
  let [plus, minus] = [0, 0];
  d.forEach((x, i) => {
    if (x > 0) plus += ranks[i];
    if (x < 0) minus += ranks[i];
  });
  const statistic = Math.min(plus, minus);
  if (!nZero && n <= MOST_EXACT && sizes.every((size) => size === 1)) return { statistic, p: exactP(statistic, n), n };
  const mean = (n * (n + 1) - nZero * (nZero + 1)) / 4;
  const ties = (nZero ? sizes.slice(1) : sizes).reduce((sum, size) => sum + size ** 3 - size, 0);
  const variance = (n * (n + 1) * (2 * n + 1) - nZero * (nZero + 1) * (2 * nZero + 1) - ties / 2) / 24;
  return { statistic, p: 2 * normalShare(-Math.abs(plus - mean) / Math.sqrt(variance)), n };
}

/**
 * Ranks with the middle one for ties, and the sizes of the groups of ties from the least value on.
 * @param {number[]} values
 */
function middleRanks(values) {
  const order = values.map((_, i) => i).sort((i, j) => values[i] - values[j]);
  const ranks = new Array(values.length);
  const sizes = [];
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    for (let i = start; i < end; i++) ranks[order[i]] = (start + 1 + end) / 2;
    sizes.push(end - start);
    start = end;
  }
  return { ranks, sizes };
}

/**
 * Share of the 2^n signs whose smaller sum of ranks is no larger, both sides.
 * @param {number} statistic
 * @param {number} n
 */
function exactP(statistic, n) {
  const share = new Float64Array((n * (n + 1)) / 2 + 1);
  share[0] = 1;
  for (let rank = 1, reach = 0; rank <= n; rank++) {
    reach += rank;
    for (let sum = reach; sum >= 0; sum--) share[sum] = (share[sum] + (sum >= rank ? share[sum - rank] : 0)) / 2;
  }
  let below = 0;
  for (let sum = 0; sum <= statistic; sum++) below += share[sum];
  return Math.min(1, 2 * below);
}

/**
 * Test that a difference is as often below zero as above; ties are left out.
 * @param {ArrayLike<number>} differences first minus second
 * @returns {Tested}
 */
export function signTest(differences) {
  const d = Array.from(differences);
  const won = d.filter((x) => x < 0).length;
  const n = won + d.filter((x) => x > 0).length;
  return { statistic: won, p: n ? evenBinomial(won, n) : 1, n };
}

/**
 * Holm's adjusted p-values of a family.
 * @param {number[]} p
 * @returns {number[]}
 */
export function holm(p) {
  const order = p.map((_, i) => i).sort((i, j) => p[i] - p[j]);
  const adjusted = new Array(p.length);
  let largest = 0;
  order.forEach((i, place) => {
    largest = Math.max(largest, p[i] * (p.length - place));
    adjusted[i] = Math.min(1, largest);
  });
  return adjusted;
}

/**
 * Wilcoxon's test of every pair of models on relative differences, adjusted by Holm.
 * @param {Float64Array} errors task by task, a number a model
 * @param {number} nModels
 * @returns {number[][]} symmetric, 1 on the diagonal
 */
export function pairwiseWilcoxon(errors, nModels) {
  const nTasks = errors.length / nModels;
  /** @type {[number, number][]} */
  const pairs = [];
  for (let i = 0; i < nModels; i++) for (let j = i + 1; j < nModels; j++) pairs.push([i, j]);
  const p = pairs.map(([i, j]) => {
    const differences = Array.from({ length: nTasks }, (_, task) =>
      relativeDifference(errors[task * nModels + i], errors[task * nModels + j]),
    );
    return wilcoxon(differences).p;
  });
  const matrix = Array.from({ length: nModels }, () => new Array(nModels).fill(1));
  holm(p).forEach((value, k) => {
    const [i, j] = pairs[k];
    matrix[i][j] = matrix[j][i] = value;
  });
  return matrix;
}
