// Distributions that the tests on the pages need, to the last digits of SciPy's, from those of the ranking engine.

import { incompleteBeta, logGamma, normalTail, studentTail } from "../ranking/student.js";

/**
 * P(Z ≤ z) of the standard normal distribution.
 * @param {number} z
 * @returns {number}
 */
export function normalShare(z) {
  return z < 0 ? normalTail(-z) : 1 - normalTail(z);
}

/**
 * P(T ≤ t) of Student's t.
 * @param {number} degrees
 * @param {number} t
 * @returns {number}
 */
export function studentShare(degrees, t) {
  return t < 0 ? studentTail(-t, degrees) : 1 - studentTail(t, degrees);
}

/**
 * The value below which Student's t lies with a probability.
 * @param {number} degrees
 * @param {number} p 0..1
 * @returns {number}
 */
export function studentQuantile(degrees, p) {
  return p < 0.5 ? root((t) => studentShare(degrees, -t) - p) * -1 : root((t) => 1 - p - studentShare(degrees, -t));
}

/**
 * P(F > f) of the F distribution.
 * @param {number} f
 * @param {number} first its degrees of freedom
 * @param {number} second
 * @returns {number}
 */
export function fTail(f, first, second) {
  return f === Infinity ? 0 : incompleteBeta(second / (second + first * f), second / 2, first / 2);
}

/**
 * Two-sided p-value of so many successes out of n when both sides are as likely.
 * @param {number} successes
 * @param {number} n
 * @returns {number}
 */
export function evenBinomial(successes, n) {
  const fewer = Math.min(successes, n - successes);
  if (2 * fewer === n) return 1;
  let sum = 0;
  for (let k = 0; k <= fewer; k++) {
    sum += Math.exp(logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) - n * Math.LN2);
  }
  return Math.min(1, 2 * sum);
}

/**
 * Upper quantile of the studentised range of k normal values, their spread being known.
 * @param {number} k
 * @param {number} alpha
 * @returns {number}
 */
export function rangeQuantile(k, alpha) {
  const step = 0.02;
  /** @param {number} q */
  const tail = (q) => {
    let sum = 0;
    for (let z = -9; z <= 9 + step / 2; z += step) {
      sum += Math.exp((-z * z) / 2) * (normalShare(z) - normalShare(z - q)) ** (k - 1);
    }
    return 1 - (k * step * sum) / Math.sqrt(2 * Math.PI);
  };
  return root((q) => alpha - tail(q));
}

/**
 * The x > 0 at which a function that rises with x, or falls to below 0 before, changes its sign.
 * @param {(x: number) => number} rising below 0 at 0
 */
function root(rising) {
  const sign = rising(0) > 0 ? -1 : 1;
  let [low, high] = [0, 1];
  while (sign * rising(high) < 0 && high < 1e300) [low, high] = [high, 2 * high];
  for (let i = 0; i < 200 && high - low > 1e-15 * high; i++) {
    const middle = (low + high) / 2;
    if (sign * rising(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
