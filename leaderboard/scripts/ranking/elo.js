// Elo ratings: the Bradley-Terry model under a weak prior, solved to the end (tabbench/ranking/elo.py).

/** Elo points of one natural log-odds. */
export const POINTS = 400 / Math.log(10);
const ANCHOR = 1000;
const PRIOR = 1e6;
const PENALTY = 1 / (PRIOR * Math.log(10) ** 2);
const LAST_STEP = 1e-6;
const SHORT = 0.35;
const MOST_STEPS = 500;

/**
 * Ratings with the mean of the bounded entrants at 1000.
 * @param {Float64Array} total wins of the row over the column, tasks added
 * @param {number} n entrants
 * @returns {{rating: Float64Array, isUnbounded: boolean[]}}
 */
export function elo(total, n) {
  const theta = bradleyTerry(total, n);
  const isUnbounded = unboundedEntrants(total, n);
  const isCounted = isUnbounded.every(Boolean) ? isUnbounded : isUnbounded.map((one) => !one);
  let sum = 0;
  theta.forEach((value, i) => (sum += isCounted[i] ? value : 0));
  const zero = sum / isCounted.filter(Boolean).length;
  return { rating: theta.map((value) => ANCHOR + POINTS * (value - zero)), isUnbounded };
}

/**
 * Log-odds ratings by Newton's method, their sum at 0.
 * @param {Float64Array} total
 * @param {number} n
 * @param {Float64Array} [start]
 * @returns {Float64Array}
 */
export function bradleyTerry(total, n, start) {
  const theta = start ? start.slice() : new Float64Array(n);
  const work = new Workspace(n);
  for (let turn = 0; turn < MOST_STEPS; turn++) {
    const longest = work.step(total, theta);
    let mean = 0;
    for (let i = 0; i < n; i++) mean += theta[i] += work.move[i];
    for (let i = 0; i < n; i++) theta[i] -= mean / n;
    if (longest <= LAST_STEP) return theta;
  }
  throw new Error(`Bradley-Terry did not converge in ${MOST_STEPS} Newton steps.`);
}

/** Arrays of one size, filled again and again. */
class Workspace {
  /** @param {number} n */
  constructor(n) {
    this.n = n;
    this.move = new Float64Array(n);
    this.gradient = new Float64Array(n);
    this.ahead = new Float64Array(n);
    this.moved = new Float64Array(n);
    this.losing = new Float64Array(n * n);
    this.hessian = new Float64Array(n * n);
    this.strength = new Float64Array(n);
  }

  /**
   * Fill `move` with a Newton step, halved while it overshoots the maximum along its direction.
   * @param {Float64Array} total
   * @param {Float64Array} theta
   * @returns {number} its largest part
   */
  step(total, theta) {
    const { n, move } = this;
    this.slopeAt(total, theta, this.gradient);
    this.fillHessian(total);
    move.set(this.gradient);
    solve(this.hessian, move, n);
    let longest = 0;
    let slope = 0;
    for (let i = 0; i < n; i++) {
      longest = Math.max(longest, Math.abs(move[i]));
      slope += this.gradient[i] * move[i];
    }
    let isLong = longest > SHORT;
    while (isLong) {
      for (let i = 0; i < n; i++) this.moved[i] = theta[i] + move[i];
      this.slopeAt(total, this.moved, this.ahead);
      let along = 0;
      for (let i = 0; i < n; i++) along += this.ahead[i] * move[i];
      isLong = along < -0.5 * slope;
      if (!isLong) break;
      for (let i = 0; i < n; i++) move[i] /= 2;
      slope /= 2;
      longest /= 2;
    }
    return longest;
  }

  /**
   * The gradient, and in `losing` the chance of each row to lose against each column.
   * @param {Float64Array} total
   * @param {Float64Array} theta
   * @param {Float64Array} out
   */
  slopeAt(total, theta, out) {
    const { n, losing, strength } = this;
    const isMild = theta.every((value) => Math.abs(value) < 300);
    if (isMild) for (let i = 0; i < n; i++) strength[i] = Math.exp(theta[i]);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        losing[i * n + j] = isMild ? strength[j] / (strength[i] + strength[j]) : 1 / (1 + Math.exp(theta[i] - theta[j]));
      }
    }
    for (let i = 0; i < n; i++) {
      let won = 0;
      let lost = 0;
      for (let j = 0; j < n; j++) {
        won += total[i * n + j] * losing[i * n + j];
        lost += total[j * n + i] * losing[j * n + i];
      }
      out[i] = won - lost - PENALTY * theta[i];
    }
  }

  /**
   * The all-ones part holds the sum of θ at 0, where the weak penalty alone would leave the matrix near singular.
   * @param {Float64Array} total
   */
  fillHessian(total) {
    const { n, losing, hessian } = this;
    let largest = 0;
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) {
        if (i === j) continue;
        const curvature = losing[i * n + j] * losing[j * n + i] * (total[i * n + j] + total[j * n + i]);
        hessian[i * n + j] = -curvature;
        sum += curvature;
      }
      hessian[i * n + i] = sum + PENALTY;
      largest = Math.max(largest, sum);
    }
    for (let i = 0; i < n * n; i++) hessian[i] += largest / n;
  }
}

/**
 * Solve a symmetric positive definite system in place, by Cholesky.
 * @param {Float64Array} a n × n; its lower half is overwritten
 * @param {Float64Array} b becomes the solution
 * @param {number} n
 */
export function solve(a, b, n) {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j];
      for (let k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = i === j ? Math.sqrt(Math.max(sum, Number.MIN_VALUE)) : sum / a[j * n + j];
    }
  }
  for (let i = 0; i < n; i++) {
    let sum = b[i];
    for (let k = 0; k < i; k++) sum -= a[i * n + k] * b[k];
    b[i] = sum / a[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i];
    for (let k = i + 1; k < n; k++) sum -= a[k * n + i] * b[k];
    b[i] = sum / a[i * n + i];
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
