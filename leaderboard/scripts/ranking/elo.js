// Elo ratings: the Bradley-Terry model under a weak prior, solved to the end (tabbench/ranking/elo.py).

/** Elo points of one natural log-odds. */
export const POINTS = 400 / Math.log(10);
const ANCHOR = 1000;
const PRIOR = 1e6;
const PENALTY = 1 / (PRIOR * Math.log(10) ** 2);
const LAST_STEP = 1e-8;
const SHORT = 0.35;
const MOST_STEPS = 2000;

/**
 * Ratings with the mean of the bounded entrants at 1000.
 * @param {Float64Array} total wins of the row over the column, tasks added; of each pair they sum to the number of tasks
 * @param {number} n entrants
 * @returns {{rating: Float64Array, isUnbounded: boolean[]}}
 */
export function elo(total, n) {
  const theta = new BradleyTerry(n).rate(upperHalf(total, n), total[0] * 2);
  const isUnbounded = unboundedEntrants(total, n);
  const isCounted = isUnbounded.every(Boolean) ? isUnbounded : isUnbounded.map((one) => !one);
  let sum = 0;
  theta.forEach((value, i) => (sum += isCounted[i] ? value : 0));
  const zero = sum / isCounted.filter(Boolean).length;
  return { rating: theta.map((value) => ANCHOR + POINTS * (value - zero)), isUnbounded };
}

/**
 * The wins of each row over the columns after it, row by row: the other half follows.
 * @param {Float64Array} matrix
 * @param {number} n
 * @param {number} [start] where the matrix begins
 */
export function upperHalf(matrix, n, start = 0) {
  const half = new Float64Array((n * (n - 1)) / 2);
  let pair = 0;
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) half[pair++] = matrix[start + i * n + j];
  return half;
}

/** Solves for log-odds ratings, again and again with arrays of one size. */
export class BradleyTerry {
  /** @param {number} n */
  constructor(n) {
    this.n = n;
    this.move = new Float64Array(n);
    this.gradient = new Float64Array(n);
    this.ahead = new Float64Array(n);
    this.moved = new Float64Array(n);
    this.strength = new Float64Array(n);
    this.factor = new Float64Array(n * n);
  }

  /**
   * Ratings by Newton's method, their sum at 0. While steps shrink fast the factor of the last curvature serves again.
   * @param {Float64Array} wins of `upperHalf`
   * @param {number} each weight of the battles of a pair
   * @param {Float64Array} [start]
   * @returns {Float64Array}
   */
  rate(wins, each, start) {
    const { n, move, gradient, factor } = this;
    const theta = start ? start.slice() : new Float64Array(n);
    let last = 0;
    for (let turn = 0; turn < MOST_STEPS; turn++) {
      const isFresh = last === 0;
      this.slopeAt(wins, each, theta, gradient, isFresh);
      if (isFresh) factorise(factor, n);
      move.set(gradient);
      substitute(factor, move, n);
      const longest = this.shorten(wins, each, theta);
      let mean = 0;
      for (let i = 0; i < n; i++) mean += theta[i] += move[i];
      for (let i = 0; i < n; i++) theta[i] -= mean / n;
      if (longest <= LAST_STEP) return theta;
      last = longest < 0.1 && (isFresh || longest < 0.2 * last) ? longest : 0;
    }
    throw new Error(`Bradley-Terry did not converge in ${MOST_STEPS} Newton steps.`);
  }

  /**
   * Halve the step while it overshoots the maximum along its direction.
   * @param {Float64Array} wins
   * @param {number} each
   * @param {Float64Array} theta
   * @returns {number} its largest part
   */
  shorten(wins, each, theta) {
    const { n, move, gradient, moved, ahead } = this;
    let longest = 0;
    let slope = 0;
    for (let i = 0; i < n; i++) {
      longest = Math.max(longest, Math.abs(move[i]));
      slope += gradient[i] * move[i];
    }
    while (longest > SHORT) {
      for (let i = 0; i < n; i++) moved[i] = theta[i] + move[i];
      this.slopeAt(wins, each, moved, ahead, false);
      let along = 0;
      for (let i = 0; i < n; i++) along += ahead[i] * move[i];
      if (along >= -0.5 * slope) break;
      for (let i = 0; i < n; i++) move[i] /= 2;
      slope /= 2;
      longest /= 2;
    }
    return longest;
  }

  /**
   * The gradient, and where asked for the lower half of the Hessian in `factor`. Its all-ones part holds the sum of θ at
   * 0, where the weak penalty alone would leave the matrix near singular.
   * @param {Float64Array} wins
   * @param {number} each
   * @param {Float64Array} theta
   * @param {Float64Array} out
   * @param {boolean} withHessian
   */
  slopeAt(wins, each, theta, out, withHessian) {
    const { n, strength, factor } = this;
    const isMild = theta.every((value) => Math.abs(value) < 300);
    for (let i = 0; i < n; i++) {
      strength[i] = isMild ? Math.exp(theta[i]) : 0;
      out[i] = -PENALTY * theta[i];
      if (withHessian) factor[i * n + i] = 0;
    }
    let pair = 0;
    for (let i = 0; i < n; i++) {
      const own = strength[i];
      let gained = 0;
      let sum = 0;
      for (let j = i + 1; j < n; j++) {
        const inverse = 1 / (own + strength[j]);
        const losing = isMild ? strength[j] * inverse : 1 / (1 + Math.exp(theta[i] - theta[j]));
        const winning = isMild ? own * inverse : 1 / (1 + Math.exp(theta[j] - theta[i]));
        const won = wins[pair++];
        const gain = won * losing - (each - won) * winning;
        gained += gain;
        out[j] -= gain;
        if (!withHessian) continue;
        const curvature = losing * winning * each;
        factor[j * n + i] = -curvature;
        factor[j * n + j] += curvature;
        sum += curvature;
      }
      out[i] += gained;
      if (withHessian) factor[i * n + i] += sum;
    }
    if (withHessian) addOnes(factor, n);
  }
}

/**
 * @param {Float64Array} factor
 * @param {number} n
 */
function addOnes(factor, n) {
  let largest = 0;
  for (let i = 0; i < n; i++) largest = Math.max(largest, factor[i * n + i]);
  const one = largest / n;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) factor[i * n + j] += one;
    factor[i * n + i] += one + PENALTY;
  }
}

/**
 * Cholesky's factor of a symmetric positive definite matrix, in its lower half.
 * @param {Float64Array} a n × n; its diagonal becomes the inverse of the factor's
 * @param {number} n
 */
export function factorise(a, n) {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j < i; j++) {
      const other = j * n;
      let sum = a[row + j];
      for (let k = 0; k < j; k++) sum -= a[row + k] * a[other + k];
      a[row + j] = sum * a[other + j];
    }
    let sum = a[row + i];
    for (let k = 0; k < i; k++) sum -= a[row + k] * a[row + k];
    a[row + i] = 1 / Math.sqrt(Math.max(sum, Number.MIN_VALUE));
  }
}

/**
 * Solve with such a factor.
 * @param {Float64Array} a
 * @param {Float64Array} b becomes the solution
 * @param {number} n
 */
export function substitute(a, b, n) {
  for (let i = 0; i < n; i++) {
    let sum = b[i];
    for (let k = 0; k < i; k++) sum -= a[i * n + k] * b[k];
    b[i] = sum * a[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    const value = b[i] * a[i * n + i];
    b[i] = value;
    for (let k = 0; k < i; k++) b[k] -= a[i * n + k] * value;
  }
}

/**
 * Entrants whose rating the battles alone do not bound, seen from the largest group that bounds itself. Ford (1957).
 * @param {Float64Array} total
 * @param {number} n
 * @returns {boolean[]}
 */
export function unboundedEntrants(total, n) {
  const reached = Array.from({ length: n }, (_, start) => {
    const seen = new Uint8Array(n);
    const open = [start];
    seen[start] = 1;
    for (let model = open.pop(); model !== undefined; model = open.pop()) {
      for (let other = 0; other < n; other++) {
        if (!seen[other] && total[model * n + other] > 0) {
          seen[other] = 1;
          open.push(other);
        }
      }
    }
    return seen;
  });
  const groups = reached.map((seen, i) => Array.from(seen.keys()).filter((j) => seen[j] && reached[j][i]));
  const won = groups.map((group) => {
    let sum = 0;
    for (const model of group) for (let j = 0; j < n; j++) sum += total[model * n + j];
    return sum;
  });
  let largest = 0;
  for (let i = 1; i < n; i++) {
    const more = groups[i].length - groups[largest].length || won[i] - won[largest];
    if (more > 0) largest = i;
  }
  const inside = new Set(groups[largest]);
  return groups.map((_, i) => !inside.has(i) || (inside.size === 1 && n > 1));
}
