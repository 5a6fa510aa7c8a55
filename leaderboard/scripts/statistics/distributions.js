// Distributions that the tests on the pages need, to the last digits of SciPy's. Libraries of the browser that are small
// stop at eight digits in the tails; tests compare these with SciPy. Formulas: Numerical Recipes, 3rd ed., chapter 6.

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
const TINY = 1e-300;

/**
 * log Γ(x) for x > 0, by Lanczos.
 * @param {number} x
 * @returns {number}
 */
export function logGamma(x) {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  let sum = LANCZOS[0];
  for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i] / (x - 1 + i);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/**
 * Regularised incomplete beta function I_x(a, b), by Lentz's continued fraction.
 * @param {number} x 0..1
 * @param {number} a
 * @param {number} b
 * @returns {number}
 */
export function betaShare(x, a, b) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - betaShare(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let sum = d;
  for (let m = 1; m < 10000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    sum *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    sum *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return front * sum;
}

/** @param {number} value */
function awayFromZero(value) {
  return Math.abs(value) < TINY ? TINY : value;
}

/**
 * P(Z ≤ z) of the standard normal distribution.
 * @param {number} z
 * @returns {number}
 */
export function normalShare(z) {
  const half = (z * z) / 2;
  if (half === 0) return 0.5;
  if (half > 1.5) {
    const tail = gammaTail(half) / 2;
    return z < 0 ? tail : 1 - tail;
  }
  let term = 2;
  let sum = term;
  for (let n = 1; n < 200 && term > 1e-18 * sum; n++) {
    term *= half / (n + 0.5);
    sum += term;
  }
  const inner = (sum * Math.sqrt(half) * Math.exp(-half)) / Math.sqrt(Math.PI);
  return 0.5 + (Math.sign(z) * inner) / 2;
}

/**
 * Upper regularised incomplete gamma function Q(1/2, x), by Lentz's continued fraction.
 * @param {number} x
 */
function gammaTail(x) {
  let b = x + 0.5;
  let c = 1 / TINY;
  let d = 1 / b;
  let sum = d;
  for (let i = 1; i < 1000; i++) {
    const a = -i * (i - 0.5);
    b += 2;
    d = 1 / awayFromZero(a * d + b);
    c = awayFromZero(b + a / c);
    sum *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return (Math.exp(-x) * Math.sqrt(x) * sum) / Math.sqrt(Math.PI);
}

/**
 * P(T ≤ t) of Student's t.
 * @param {number} degrees
 * @param {number} t
 * @returns {number}
 */
export function studentShare(degrees, t) {
  const tail = betaShare(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
  return t < 0 ? tail : 1 - tail;
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
  return f === Infinity ? 0 : betaShare(second / (second + first * f), second / 2, first / 2);
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
