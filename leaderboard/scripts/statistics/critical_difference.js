// Friedman's test, then pairs, as tabbench/ranking/critical_difference.py and friedman.py.

import { fTail, rangeQuantile } from "./distributions.js";
import { pairwiseWilcoxon } from "./signed_rank.js";

/** @typedef {{f: number, degrees: [number, number], p: number}} Friedman */

/**
 * @typedef {object} CriticalDifference
 * @property {Friedman} friedman corrected for ties, with Iman and Davenport's F
 * @property {number[]} meanRanks
 * @property {boolean[][]} isApart by Wilcoxon's test with Holm; nobody where F is not significant
 * @property {number} nemenyi critical difference of mean ranks
 */

const ALPHA = 0.05;

/**
 * @param {ArrayLike<number>} ranks task by task, a number a model
 * @param {number} nModels at least two
 * @returns {Friedman}
 */
export function friedman(ranks, nModels) {
  const n = ranks.length / nModels;
  const k = nModels;
  const spread = meanRanks(ranks, k).reduce((sum, mean) => sum + (mean - (k + 1) / 2) ** 2, 0);
  let ties = 0;
  for (let task = 0; task < n; task++) {
    /** @type {Map<number, number>} */
    const sizes = new Map();
    for (let i = 0; i < k; i++) sizes.set(ranks[task * k + i], (sizes.get(ranks[task * k + i]) ?? 0) + 1);
    for (const size of sizes.values()) ties += size ** 3 - size;
  }
  const correction = 1 - ties / (n * k * (k * k - 1));
  const chi2 = correction > 0 ? ((12 * n) / (k * (k + 1))) * spread / correction : 0;
  const left = n * (k - 1) - chi2;
  const f = left > 1e-9 * chi2 ? ((n - 1) * chi2) / left : Infinity;
  /** @type {[number, number]} */
  const degrees = [k - 1, (k - 1) * (n - 1)];
  return { f, degrees, p: fTail(f, ...degrees) };
}

/**
 * @param {ArrayLike<number>} ranks
 * @param {number} nModels
 */
function meanRanks(ranks, nModels) {
  const n = ranks.length / nModels;
  return Array.from({ length: nModels }, (_, i) => {
    let sum = 0;
    for (let task = 0; task < n; task++) sum += ranks[task * nModels + i];
    return sum / n;
  });
}

/**
 * @param {Float64Array} errors mean errors, task by task, a number a model
 * @param {ArrayLike<number>} ranks of them
 * @param {number} nModels
 * @returns {CriticalDifference}
 */
export function criticalDifference(errors, ranks, nModels) {
  const overAll = friedman(ranks, nModels);
  const nTasks = errors.length / nModels;
  const isNone = overAll.p > ALPHA;
  const p = isNone ? null : pairwiseWilcoxon(errors, nModels);
  return {
    friedman: overAll,
    meanRanks: meanRanks(ranks, nModels),
    isApart: Array.from({ length: nModels }, (_, i) => Array.from({ length: nModels }, (_, j) => (p ? p[i][j] <= ALPHA : false))),
    nemenyi: (rangeQuantile(nModels, ALPHA) / Math.SQRT2) * Math.sqrt((nModels * (nModels + 1)) / (6 * nTasks)),
  };
}
