// How likely a model is better, or practically the same, as tabbench/ranking/equivalence.py.

import { randomWords } from "../ranking/portable.js";
import { studentShare } from "./distributions.js";

/** @typedef {{first: number, same: number, second: number}} Beliefs that sum to 1 */

const SIGNED_RANK = 3;
const N_SAMPLES = 50000;

/**
 * Bayesian signed-rank test over tasks. Source: Benavoli, Corani, Demšar & Zaffalon (2017), JMLR 18(77):1-36.
 * @param {number[]} differences first minus second, one a task
 * @param {number} rope above 0: half the width of the region of practical equivalence
 * @param {number} seed
 * @returns {Beliefs}
 */
export function signedRankBeliefs(differences, rope, seed) {
  const n = differences.length;
  const d = [...differences, 0];
  const order = d.map((_, i) => i).sort((i, j) => d[i] - d[j]);
  const sorted = order.map((i) => d[i]);
  const below = d.map((x) => borders(sorted, (y) => x + y, -2 * rope));
  const above = d.map((x) => borders(sorted, (y) => x + y, 2 * rope));
  const words = randomWords(seed, SIGNED_RANK, N_SAMPLES, n + 2);
  const uniform = (/** @type {number} */ i) => (words[i] + 0.5) / 2 ** 32;
  const weights = new Float64Array(n + 1);
  const summed = new Float64Array(n + 2);
  const won = [0, 0, 0];
  for (let draw = 0, at = 0; draw < N_SAMPLES; draw++, at += n + 2) {
    let total = 0;
    for (let i = 0; i < n; i++) total += weights[i] = -Math.log(uniform(at + i));
    const normal = Math.sqrt(-2 * Math.log(uniform(at + n))) * Math.cos(2 * Math.PI * uniform(at + n + 1));
    total += weights[n] = (normal * normal) / 2;
    for (let i = 0; i <= n; i++) summed[i + 1] = summed[i] + weights[order[i]];
    let [first, second] = [0, 0];
    for (let i = 0; i <= n; i++) {
      first += (weights[i] * (summed[below[i].before] + summed[below[i].through])) / 2;
      second += weights[i] * (total - (summed[above[i].before] + summed[above[i].through]) / 2);
    }
    const same = total * total - first - second;
    won[first >= same && first >= second ? 0 : same >= second ? 1 : 2]++;
  }
  return { first: won[0] / N_SAMPLES, same: won[1] / N_SAMPLES, second: won[2] / N_SAMPLES };
}

/**
 * How many of some rising values come to less than a limit, and to no more than it.
 * @param {number[]} sorted
 * @param {(value: number) => number} come
 * @param {number} limit
 */
function borders(sorted, come, limit) {
  let before = 0;
  while (before < sorted.length && come(sorted[before]) < limit) before++;
  let through = before;
  while (through < sorted.length && come(sorted[through]) <= limit) through++;
  return { before, through };
}

/**
 * Bayesian correlated t-test on one task. Source: Corani & Benavoli (2015), Machine Learning 100:285-304, equation 8.
 * @param {number} mean difference
 * @param {number} scale standard error of the mean, corrected for rows that splits share
 * @param {number} degrees splits minus one
 * @param {number} rope
 * @returns {Beliefs}
 */
export function correlatedTBeliefs(mean, scale, degrees, rope) {
  const [first, second] = scale
    ? [studentShare(degrees, (-rope - mean) / scale), studentShare(degrees, (-rope + mean) / scale)]
    : [Number(mean < -rope), Number(mean > rope)];
  return { first, same: 1 - first - second, second };
}
